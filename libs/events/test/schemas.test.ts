import { describe, expect, test } from 'vitest';
import { assertEvent, type EventType, eventSchemas, formatSequence, parseEvent } from '../src/index.ts';
import { exampleEvent, examples } from './fixture/events.ts';

const types = Object.keys(eventSchemas) as EventType[];

function withData(type: EventType, change: (data: Record<string, unknown>) => void) {
  const data = structuredClone(examples[type]) as Record<string, unknown>;
  change(data);
  return { ...exampleEvent(type), data };
}

describe('an event', () => {
  test.each(types)('%s is read as it was written', (type) => {
    const event = exampleEvent(type);
    expect(parseEvent(JSON.stringify(event))).toEqual(event);
  });

  const fields = types.flatMap((type) => {
    const { properties, required } = eventSchemas[type] as unknown as {
      properties: Record<string, { type?: string }>;
      required: string[];
    };
    return Object.entries(properties).map(([field, schema]) => ({
      type,
      field,
      needed: required.includes(field),
      kind: schema.type === undefined || schema.type === 'string' ? 'text' : schema.type,
    }));
  });

  test.each(fields)('$type with a wrong $field is refused by the name of the field', ({ type, field, kind }) => {
    const wrong = withData(type, (data) => {
      data[field] = kind === 'text' ? 5 : 'text';
    });
    expect(() => assertEvent(wrong)).toThrow(
      expect.objectContaining({ code: 'event-invalid', message: expect.stringContaining(`field data.${field}`) }),
    );
  });

  test.each(fields.filter(({ needed }) => needed))(
    '$type without $field is refused by the name of the field',
    (each) => {
      const lacking = withData(each.type, (data) => {
        delete data[each.field];
      });
      expect(() => assertEvent(lacking)).toThrow(
        expect.objectContaining({ code: 'event-invalid', message: expect.stringContaining(each.field) }),
      );
    },
  );

  test.each([
    ['specversion', '0.3'],
    ['id', ''],
    ['source', 'task'],
    ['source', '/default/task/more'],
    ['subject', ''],
    ['time', 5],
    ['datacontenttype', 'text/plain'],
    ['sequence', '12'],
    ['traceparent', 5],
    ['data', 'text'],
  ])('whose %s is %j is refused by the name of the field', (field, value) => {
    const wrong = { ...exampleEvent('task.due'), [field]: value };
    expect(() => assertEvent(wrong)).toThrow(
      expect.objectContaining({ code: 'event-invalid', message: expect.stringContaining(`field ${field}`) }),
    );
  });

  test.each(['task.forgotten', '', 'constructor', '__proto__', 'toString'])('of the type %j is unknown', (type) => {
    expect(() => assertEvent({ ...exampleEvent('task.due'), type })).toThrow(
      expect.objectContaining({ code: 'event-type-unknown' }),
    );
  });

  test.each(['', '{', 'null', '[]', '"text"', '5'])('is not what %j is', (body) => {
    expect(() => parseEvent(body)).toThrow(expect.objectContaining({ code: 'event-invalid' }));
  });

  test('has a sequence whose order as text is its order as a number', () => {
    const numbers = [1, 2, 9, 10, 99, 100, Number.MAX_SAFE_INTEGER];
    const texts = numbers.map(formatSequence);
    expect(texts.toSorted()).toEqual(texts);
    expect(new Set(texts.map((text) => text.length))).toEqual(new Set([20]));
  });
});
