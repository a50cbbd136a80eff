import type { Runtime } from './runtime.ts';

/** Where a piece of work stands in a trace. */
export interface TraceContext {
  /** 32 hexadecimal digits in lower case, not all of them 0. */
  traceId: string;
  /** 16 hexadecimal digits in lower case, not all of them 0: the span that what is begun now belongs under. */
  spanId: string;
  /** Whether its maker may have recorded that span. */
  sampled: boolean;
}

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;
const SAMPLED = 1;
const WORD = 2 ** 32;

/**
 * Reads a `traceparent` header (W3C Trace Context level 1, section 3.2) of version 00.
 *
 * @returns undefined for anything else, which is to be taken as if there were none
 */
export function parseTraceparent(text: string | null | undefined): TraceContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED };
}

/** Whether a text is a `traceparent` as `parseTraceparent` reads it. */
export function isTraceparent(text: string | null | undefined): text is string {
  return typeof text === 'string' && TRACEPARENT.test(text);
}

/** The `traceparent` header of a context. */
export function formatTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
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
export function newTraceparent(runtime: Runtime): string {
  return formatTraceparent({ traceId: newTraceId(runtime), spanId: newSpanId(runtime), sampled: true });
}
