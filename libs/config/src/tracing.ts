import { AsyncLocalStorage } from 'node:async_hooks';
import type { Runtime } from './runtime.ts';
import { isTraceparent, newTraceparent } from './traceparent.ts';

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanOptions {
  kind: SpanKind;
  /**
   * The `traceparent` that the span belongs under: that of the present work when left out, none when null. One that is
   * not valid counts as none, and a span under none begins a trace.
   */
  parent?: string | null | undefined;
  /** The `traceparent` of other spans that it has to do with. */
  links?: readonly string[];
  attributes?: SpanAttributes;
}

/** A piece of work in a trace. */
export interface Span {
  /** What calls and events carry, so that what follows from them belongs under this span. */
  readonly traceparent: string;
  describe(attributes: SpanAttributes): void;
  fail(error: unknown): void;
  end(): void;
}

/** How the work of one service is traced. */
export interface Tracing {
  /** Whether spans are recorded at all; if not, what only fills them can be spared. */
  readonly records: boolean;
  /** Begins a span, which its caller ends. */
  begin(name: string, options: SpanOptions): Span;
}

const traceparents = new AsyncLocalStorage<string>();

/** The `traceparent` of the present work; undefined when it belongs to no trace. */
export function currentTraceparent(): string | undefined {
  return traceparents.getStore();
}

/** Runs work that belongs under a span. */
export function withTraceparent<Result>(traceparent: string, work: () => Result): Result {
  return traceparents.run(traceparent, work);
}

/** Does work and ends the spans with it, as failed when it throws. */
export async function endAfter<Result>(spans: readonly Span[], work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    for (const span of spans) span.fail(error);
    throw error;
  } finally {
    for (const span of spans) span.end();
  }
}

/** Does work inside a span of its own. */
export function inSpan<Result>(
  tracing: Tracing,
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<Result>,
): Promise<Result> {
  const span = tracing.begin(name, options);
  return endAfter([span], () => withTraceparent(span.traceparent, () => work(span)));
}

const nothing = () => undefined;

/** Records nothing and passes a trace on as it came, or begins one, so that events and calls always belong to one. */
export function createPropagation(runtime: Runtime): Tracing {
  return {
    records: false,
    begin(_name, { parent = currentTraceparent() }) {
      const traceparent = isTraceparent(parent) ? parent : newTraceparent(runtime);
      return { traceparent, describe: nothing, fail: nothing, end: nothing };
    },
  };
}
