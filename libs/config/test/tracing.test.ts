import { context, trace } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import {
  activeTraceparent,
  contextUnder,
  followContexts,
  formatTraceparent,
  inSpan,
  isTraceparent,
  newSpanContext,
  parseTraceparent,
  systemRuntime,
} from '../src/index.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';
const valid = `00-${traceId}-${spanId}-01`;

describe('a traceparent', () => {
  test.each([
    [valid, true],
    [`00-${traceId}-${spanId}-00`, false],
    [`00-${traceId}-${spanId}-03`, true],
    [`00-${traceId}-${spanId}-fe`, false],
  ])('%s is read', (text, sampled) => {
    expect(parseTraceparent(text)).toEqual({ traceId, spanId, traceFlags: sampled ? 1 : 0, isRemote: true });
    expect(isTraceparent(text)).toBe(true);
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['an empty one', ''],
    ['another version', `01-${traceId}-${spanId}-01`],
    ['the version that is never valid', `ff-${traceId}-${spanId}-01`],
    ['no trace', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['no span', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['capitals', valid.toUpperCase()],
    ['a short trace', `00-${traceId.slice(1)}-${spanId}-01`],
    ['a long span', `00-${traceId}-0${spanId}-01`],
    ['digits that are none', `00-${traceId.replace('4', 'g')}-${spanId}-01`],
    ['no flags', `00-${traceId}-${spanId}`],
    ['more than there is in this version', `${valid}-more`],
    ['space around it', ` ${valid}`],
    ['a line after it', `${valid}\n`],
    ['two of them', `${valid}, ${valid}`],
  ])('is not %s', (_what, text) => {
    expect(parseTraceparent(text)).toBeUndefined();
    expect(isTraceparent(text)).toBe(false);
  });

  test('is written as it is read', () => {
    for (const text of [valid, `00-${traceId}-${spanId}-00`]) {
      expect(formatTraceparent(parseTraceparent(text))).toBe(text);
    }
  });

  test.each([0, 0.5, 1 - Number.EPSILON])('is valid when it is new, whatever chance says: %d', (chance) => {
    const made = newSpanContext({ ...systemRuntime, random: () => chance });
    expect(parseTraceparent(formatTraceparent(made))).toEqual({ ...made, traceFlags: 1 });
  });
});

describe('work where nothing is recorded', () => {
  followContexts();
  const follow = (parent?: string | null) =>
    inSpan(
      undefined,
      systemRuntime,
      { name: 'work', ...(parent === undefined ? {} : { parent: contextUnder(parent) }) },
      async () => activeTraceparent(),
    );

  test('passes a trace on as it came', async () => {
    expect(await follow(valid)).toBe(valid);
    expect(await context.with(contextUnder(valid), () => follow())).toBe(valid);
  });

  test('begins one where there is none, or none that is valid', async () => {
    for (const parent of [undefined, null, 'no trace']) expect(isTraceparent(await follow(parent))).toBe(true);
    expect(await context.with(contextUnder(valid), () => follow(null))).not.toBe(valid);
  });

  test('does so too with a tracer that records nothing', async () => {
    const through = (parent: string | null) =>
      inSpan(
        trace.getTracer('no SDK'),
        systemRuntime,
        { name: 'work', parent: contextUnder(parent) },
        async (span) => ({ traceparent: activeTraceparent(), recording: span?.isRecording() }),
      );
    expect(await through(valid)).toEqual({ traceparent: valid, recording: false });
    expect(isTraceparent((await through(null)).traceparent)).toBe(true);
  });

  test('keeps it as long as the work takes', async () => {
    const failing = inSpan(undefined, systemRuntime, { name: 'work' }, async () => {
      throw new Error('failed');
    });
    await expect(failing).rejects.toThrow('failed');
    expect(activeTraceparent()).toBeUndefined();
  });
});
