import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { allEvents, collect, eventually } from './conformance/subject.ts';
import { startChild } from './fixture/child.ts';
import { hasRabbit, type OpenedRabbit, openTestRabbit, rabbitUrl } from './fixture/rabbit.ts';

const ROUNDS = 6;

describe.skipIf(!hasRabbit)('over RabbitMQ', () => {
  let rabbit: OpenedRabbit;
  beforeEach(async () => {
    rabbit = await openTestRabbit();
    await rabbit.bus.declare([allEvents]);
  });
  afterEach(() => rabbit.close());

  test('a process that is killed again and again loses nothing that was confirmed', async () => {
    const { bus, exchange, toName } = rabbit;
    const reach = JSON.stringify({ url: rabbitUrl, exchange });
    const confirmed = new Set<string>();
    const finished = new Set<string>();
    const handed = new Set<string>();

    for (let round = 0; round < ROUNDS; round++) {
      const child = startChild('publish-and-consume.ts', reach, String(round), toName('all'));
      await child.said(50 + Math.floor(Math.random() * 1_500));
      await child.kill();
      const handedBefore = new Set(handed);
      for (const line of child.lines) {
        const [what, id = '', redelivered] = line.split(' ');
        if (what === 'confirmed') confirmed.add(id);
        if (what === 'finished') finished.add(id);
        if (what !== 'handed') continue;
        if (redelivered === 'false') expect(handedBefore, `${id} has come again unmarked`).not.toContain(id);
        handed.add(id);
      }
    }

    const { deliveries: left } = await collect(bus, 'all', 50);
    const lost = () => {
      const there = new Set(left.map(({ message }) => message.id));
      return [...confirmed].filter((id) => !finished.has(id) && !there.has(id));
    };
    await eventually(async () => {
      expect(lost()).toEqual([]);
      expect(await bus.depth('all')).toBe(0);
    });
    expect(left.filter(({ message, redelivered }) => handed.has(message.id) && !redelivered)).toEqual([]);
    expect(confirmed.size).toBeGreaterThan(ROUNDS * 20);
    expect(finished.size).toBeGreaterThan(0);
  });
});
