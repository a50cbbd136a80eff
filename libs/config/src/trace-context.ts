import {
  type Context,
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  type SpanOptions,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import type { Runtime } from './runtime.ts';
import { formatTraceparent, newSpanContext, parseTraceparent } from './traceparent.ts';

/** Lets contexts follow asynchronous work, in all of the process. */
export function followContexts(): void {
  // A second one is refused, and the first one stays.
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
}

/** The `traceparent` of the present work; undefined when it belongs to no trace. */
export function activeTraceparent(): string | undefined {
  return formatTraceparent(trace.getSpanContext(context.active()));
}

/** The context of work that belongs under a `traceparent`; of none when it is not valid. */
export function contextUnder(traceparent: string | null | undefined): Context {
  const parent = parseTraceparent(traceparent);
  return parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
}

/** The same context, or, where it belongs to no trace, that of a new one. */
export function inAnyTrace(parent: Context, runtime: Runtime): Context {
  const span = trace.getSpanContext(parent);
  return span && isSpanContextValid(span) ? parent : trace.setSpanContext(parent, newSpanContext(runtime));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Does work and ends the spans with it, as failed when it throws. */
export async function endAfter<Result>(spans: readonly Span[], work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    for (const span of spans) span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
    throw error;
  } finally {
    for (const span of spans) span.end();
  }
}

export interface SpanWork extends SpanOptions {
  name: string;
  /** The context that the span belongs under; the active one when left out. */
  parent?: Context;
}

/**
 * Does work inside a span of its own. Where nothing is recorded, it is done in the trace that it belongs to, or in a new
 * one, so that events and calls always belong to one.
 *
 * @param tracer undefined where nothing is recorded
 */
export function inSpan<Result>(
  tracer: Tracer | undefined,
  runtime: Runtime,
  { name, parent = context.active(), ...options }: SpanWork,
  work: (span: Span | undefined) => Promise<Result>,
): Promise<Result> {
  if (!tracer) return context.with(inAnyTrace(parent, runtime), () => work(undefined));
  const span = tracer.startSpan(name, options, parent);
  // A tracer of no SDK gives spans that belong to no trace.
  const inside = inAnyTrace(trace.setSpan(parent, span), runtime);
  return endAfter([span], () => context.with(inside, () => work(span)));
}
