import { isSpanContextValid, type SpanContext, TraceFlags } from '@opentelemetry/api';
import type { Runtime } from './runtime.ts';

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;
const WORD = 2 ** 32;

/**
 * Reads a `traceparent` header (W3C Trace Context level 1, section 3.2) of version 00.
 *
 * @returns undefined for anything else, which is to be taken as if there were none
 */
export function parseTraceparent(text: string | null | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED;
  return { traceId, spanId, traceFlags, isRemote: true };
}

/** Whether a text is a `traceparent` as `parseTraceparent` reads it. */
export function isTraceparent(text: string | null | undefined): text is string {
  return typeof text === 'string' && TRACEPARENT.test(text);
}

/** The `traceparent` header of a span; undefined for one that belongs to no trace. */
export function formatTraceparent(span: SpanContext | undefined): string | undefined {
  if (span === undefined || !isSpanContextValid(span)) return undefined;
  return `00-${span.traceId}-${span.spanId}-${(span.traceFlags & TraceFlags.SAMPLED) !== 0 ? '01' : '00'}`;
}

/** Digits are looked up: `toString(16)` of numbers this large took four times as long, for every request. */
const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function word(number: number): string {
  return `${digits[number >>> 24]}${digits[(number >>> 16) & 255]}${digits[(number >>> 8) & 255]}${digits[number & 255]}`;
}

const anyWord = ({ random }: Runtime) => word(Math.floor(random() * WORD));
const wordButZero = ({ random }: Runtime) => word(1 + Math.floor(random() * (WORD - 1)));

/** A new trace's id. */
export function newTraceId(runtime: Runtime): string {
  return anyWord(runtime) + anyWord(runtime) + anyWord(runtime) + wordButZero(runtime);
}

/** A new span's id. */
export function newSpanId(runtime: Runtime): string {
  return anyWord(runtime) + wordButZero(runtime);
}

/**
 * Begins a trace whose first span nobody records. It counts as sampled all the same, so that a process further on that
 * exports its spans does so for this trace too.
 */
export function newSpanContext(runtime: Runtime): SpanContext {
  return { traceId: newTraceId(runtime), spanId: newSpanId(runtime), traceFlags: TraceFlags.SAMPLED, isRemote: true };
}
