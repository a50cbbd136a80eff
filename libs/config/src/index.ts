export { type Check, createCheck, ownSchemas, type Violation } from './check.ts';
export { SettingError } from './errors.ts';
export { makePrivateDatabase, makePrivateFolder, restrictToOwner, writePrivateFile } from './private-files.ts';
export { backoff, pause, type Runtime, systemRuntime, type Timer } from './runtime.ts';
export { type Static, type TObject, type TSchema, Type } from './schema.ts';
export { type Environment, readSettings, readVariable, setting, withEnvFile } from './settings.ts';
export { createSignal, type Signal } from './signal.ts';
export {
  activeTraceparent,
  contextUnder,
  endAfter,
  followContexts,
  inAnyTrace,
  inSpan,
  type SpanWork,
} from './trace-context.ts';
export {
  formatTraceparent,
  isTraceparent,
  newSpanContext,
  newSpanId,
  newTraceId,
  parseTraceparent,
} from './traceparent.ts';
