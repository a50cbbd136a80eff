export { type Check, createCheck, ownSchemas, type Violation } from './check.ts';
export { SettingError } from './errors.ts';
export { makePrivateDatabase, makePrivateFolder, restrictToOwner, writePrivateFile } from './private-files.ts';
export { backoff, pause, type Runtime, systemRuntime, type Timer } from './runtime.ts';
export { type Static, type TObject, type TSchema, Type } from './schema.ts';
export { type Environment, readSettings, readVariable, setting, withEnvFile } from './settings.ts';
export { createSignal, type Signal } from './signal.ts';
export {
  formatTraceparent,
  isTraceparent,
  newSpanId,
  newTraceId,
  newTraceparent,
  parseTraceparent,
  type TraceContext,
} from './traceparent.ts';
export {
  createPropagation,
  currentTraceparent,
  endAfter,
  inSpan,
  type Span,
  type SpanAttributes,
  type SpanKind,
  type SpanOptions,
  type Tracing,
  withTraceparent,
} from './tracing.ts';
