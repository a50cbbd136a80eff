import { type Check, createCheck, type Static, type TSchema, Type } from '@weave-nn/config';
import { EventError } from './errors.ts';
import { fileEvents } from './schemas/file.ts';
import { taskEvents } from './schemas/task.ts';
import { workEvents } from './schemas/work.ts';

/** The schema of every event type's data. */
export const eventSchemas = { ...fileEvents, ...taskEvents, ...workEvents };

export type EventType = keyof typeof eventSchemas;
/** Every event type there is. */
export const eventTypes = Object.keys(eventSchemas) as readonly EventType[];
export type EventData<Name extends EventType> = Static<(typeof eventSchemas)[Name]>;

/** A CloudEvents 1.0 event in its JSON form (cloudevents.io), with the `sequence` extension. */
export interface WeaveEvent<Name extends EventType = EventType> {
  specversion: '1.0';
  /** A UUIDv7. */
  id: string;
  /** `/{vaultId}/{service}`. */
  source: string;
  type: Name;
  /** What must be in order among itself: a path, a task id, … */
  subject: string;
  /** ISO 8601. */
  time: string;
  datacontenttype: 'application/json';
  /** Twenty digits that count the changes of this subject at this source. */
  sequence: string;
  traceparent?: string;
  data: EventData<Name>;
}

/** An event of any type: its type tells what its data is. */
export type AnyEvent = { [Name in EventType]: WeaveEvent<Name> }[EventType];

const Envelope = Type.Object({
  specversion: Type.Literal('1.0'),
  id: Type.String({ minLength: 1 }),
  source: Type.String({ pattern: '^/[^/]+/[^/]+$' }),
  type: Type.String(),
  subject: Type.String({ minLength: 1 }),
  time: Type.String({ minLength: 1 }),
  datacontenttype: Type.Literal('application/json'),
  sequence: Type.String({ pattern: '^\\d{20}$' }),
  traceparent: Type.Optional(Type.String()),
  data: Type.Object({}),
});

const envelope = createCheck(Envelope);
const checks: ReadonlyMap<string, Check<unknown>> = new Map(
  Object.entries<TSchema>(eventSchemas).map(([type, schema]) => [type, createCheck(schema)]),
);

function dataCheck(type: string): Check<unknown> {
  const check = checks.get(type);
  if (!check) throw new EventError('event-type-unknown', `no event has the type ${JSON.stringify(type)}`);
  return check;
}

function refuse(check: Check<unknown>, value: unknown, within: string, label: string): never {
  const { path = '', message = 'is wrong' } = check.violation(value) ?? {};
  const field = `${within}${path}`.replaceAll('/', '.').replace(/^\./, '');
  throw new EventError('event-invalid', `${label}: field ${field || '(the event)'} ${message}`);
}

/**
 * Checks that a value is an event of a known type with the right data.
 *
 * @throws EventError `event-invalid` naming the field, or `event-type-unknown`
 */
export function assertEvent(value: unknown): asserts value is AnyEvent {
  if (!envelope.matches(value)) refuse(envelope, value, '', 'the event');
  const data = dataCheck(value.type);
  if (!data.matches(value.data)) refuse(data, value.data, '/data', `${value.type} ${value.id}`);
}

/**
 * Reads an event from its JSON text.
 *
 * @throws EventError `event-invalid` when it is no JSON or no event
 */
export function parseEvent(body: string): AnyEvent {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw new EventError('event-invalid', 'the message is not JSON', { cause });
  }
  assertEvent(value);
  return value;
}

/** A sequence as events carry it: twenty digits, so that text order is number order. */
export function formatSequence(sequence: number): string {
  return String(sequence).padStart(20, '0');
}
