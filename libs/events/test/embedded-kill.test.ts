import { afterEach, beforeEach, expect, test } from 'vitest';
import { drain, sentinel } from './conformance/subject.ts';
import { startChild } from './fixture/child.ts';
import { openTestBroker } from './fixture/embedded.ts';

const ROUNDS = 6;
const BATCH = 10;
let broker: Awaited<ReturnType<typeof openTestBroker>>;

beforeEach(async () => {
  broker = await openTestBroker();
  await broker.bus.close();
});
afterEach(() => broker.close());

test('the embedded broker, killed again and again, keeps what it confirmed until it is settled', async () => {
  const confirmed = new Set<string>();
  const settled = new Set<string>();
  const finished = new Set<string>();
  const handed = new Set<string>();

  for (let round = 0; round < ROUNDS; round++) {
    const child = startChild('publish-and-consume.ts', broker.file, String(round));
    await child.said(50 + Math.floor(Math.random() * 1_500));
    await child.kill();
    const handedBefore = new Set(handed);
    const marked = new Set<string>();
    for (const line of child.lines) {
      const [what, id = '', redelivered] = line.split(' ');
      if (what === 'confirmed') confirmed.add(id);
      if (what === 'finished') finished.add(id);
      if (what === 'settled') settled.add(id);
      if (what !== 'handed') continue;
      expect(settled, `${id} was settled and has come again`).not.toContain(id);
      if (redelivered === 'true') marked.add(id);
      else expect(handedBefore, `${id} has come again unmarked`).not.toContain(id);
      handed.add(id);
    }
    // What was taken for the batch that the kill came before is marked as well.
    expect([...marked].filter((id) => !handedBefore.has(id)).length).toBeLessThanOrEqual(BATCH);
  }

  const left = await drain(await broker.reopen(), 'all', sentinel);
  const leftIds = left.map(({ message }) => message.id);
  expect(new Set(leftIds).size).toBe(leftIds.length);
  expect(leftIds.filter((id) => settled.has(id))).toEqual([]);
  const there = new Set(leftIds);
  expect([...confirmed].filter((id) => !finished.has(id) && !there.has(id))).toEqual([]);
  expect(left.filter(({ message, redelivered }) => handed.has(message.id) && !redelivered)).toEqual([]);
  const strays = left.filter(({ message, redelivered }) => redelivered && !handed.has(message.id));
  expect(strays.length).toBeLessThanOrEqual(BATCH);
  expect(confirmed.size).toBeGreaterThan(ROUNDS * 20);
  expect(settled.size).toBeGreaterThan(0);
});
