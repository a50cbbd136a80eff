import { setImmediate } from 'node:timers/promises';
import { pause, systemRuntime } from '@weave-nn/config';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPrecedence, type Precedence } from '../src/index.ts';
import { eventually } from './conformance/subject.ts';
import { type ControlledRuntime, createControlledRuntime } from './fixture/controlled-runtime.ts';
import { comments } from './fixture/events.ts';
import { type Ground, grounds, openWorkshop, type Workshop } from './fixture/workshop.ts';

let precedence: Precedence;

describe('precedence', () => {
  let runtime: ControlledRuntime;
  let arrived: string[];
  beforeEach(() => {
    runtime = createControlledRuntime();
    precedence = createPrecedence(runtime);
    arrived = [];
  });

  /** Lets time pass, and what it set going arrive. */
  async function pass(milliseconds: number) {
    runtime.advance(milliseconds);
    await setImmediate();
  }

  function follow(name: string, signal?: AbortSignal) {
    return precedence.follow(signal).then(() => void arrived.push(name));
  }

  test('keeps nobody waiting where nobody leads', async () => {
    follow('one');
    await pass(20);
    expect(arrived).toEqual(['one']);
  });

  test('has others wait until the last of several that lead has ended, and a moment longer', async () => {
    const first = Promise.withResolvers<void>();
    const second = Promise.withResolvers<void>();
    follow('came at the same time');
    const leading = [precedence.lead(() => first.promise), precedence.lead(() => second.promise)];
    await pass(20);
    first.resolve();
    await leading[0];
    await pass(2_000);
    expect(arrived).toEqual([]);
    second.resolve();
    await leading[1];
    await pass(499);
    expect(arrived).toEqual([]);
    await pass(1);
    expect(arrived).toEqual(['came at the same time']);
  });

  test('goes on waiting when more follows soon', async () => {
    await precedence.lead(async () => undefined);
    follow('one');
    await pass(400);
    await precedence.lead(async () => undefined);
    await pass(400);
    expect(arrived).toEqual([]);
    await pass(100);
    expect(arrived).toEqual(['one']);
  });

  test('lets others in although the leading work has failed, and tells of the failure', async () => {
    await expect(precedence.lead(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    follow('one');
    await pass(20);
    await pass(500);
    expect(arrived).toEqual(['one']);
  });

  test('lets others in after half a minute whatever leads', async () => {
    precedence.lead(() => new Promise(() => undefined));
    follow('one');
    await pass(20);
    await pass(29_999);
    expect(arrived).toEqual([]);
    await pass(1);
    expect(arrived).toEqual(['one']);
  });

  test('ends the wait of whoever is to stop', async () => {
    precedence.lead(() => new Promise(() => undefined));
    const stop = new AbortController();
    follow('one', stop.signal);
    await pass(20);
    stop.abort();
    await setImmediate();
    expect(arrived).toEqual(['one']);
  });
});

describe('a consumer', () => {
  let workshop: Workshop;
  let led: PromiseWithResolvers<void>;
  beforeEach(async () => {
    workshop = await openWorkshop(grounds[0] as Ground);
    precedence = createPrecedence(workshop.runtime);
    led = Promise.withResolvers();
  });
  afterEach(() => {
    led.resolve();
    return workshop.close();
  });

  test('keeps a large batch until nobody leads', async () => {
    precedence.lead(() => led.promise);
    await workshop.publish(...comments(150));
    let isPrepared = false;
    await workshop.start({ precedence, prepare: async () => (isPrepared = true) });
    await pause(systemRuntime, 100);
    workshop.runtime.advance(20);
    await pause(systemRuntime, 20);
    expect(isPrepared).toBe(false);
    led.resolve();
    await workshop.runtime.advanceUntil(async () => expect(await workshop.effects()).toHaveLength(150));
  });

  test('applies a small batch whoever leads', async () => {
    precedence.lead(() => led.promise);
    await workshop.publish(...comments(5));
    await workshop.start({ precedence });
    await eventually(async () => expect(await workshop.effects()).toHaveLength(5));
  });

  test('makes others wait with its large batches when it goes first', async () => {
    const begun = Promise.withResolvers<void>();
    await workshop.publish(...comments(150));
    await workshop.start({
      precedence,
      goesFirst: true,
      prepare: async () => {
        begun.resolve();
        await led.promise;
      },
    });
    await begun.promise;
    let isLetIn = false;
    precedence.follow().then(() => (isLetIn = true));
    workshop.runtime.advance(20);
    await setImmediate();
    expect(isLetIn).toBe(false);
    led.resolve();
    await workshop.runtime.advanceUntil(() => expect(isLetIn).toBe(true));
    expect(await workshop.effects()).toHaveLength(150);
  });
});
