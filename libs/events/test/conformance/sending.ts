import { beforeEach, describe, expect, test } from 'vitest';
import type { Message } from '../../src/index.ts';
import { allEvents, collect, drain, eventually, idsOf, messages, type Subject, sentinel } from './subject.ts';

const tasks = { name: 'tasks', exchange: 'events', patterns: ['task.*', sentinel.key] } as const;
const graves = { name: 'graves', exchange: 'dead', patterns: ['#'] } as const;

export function testSending(subject: Subject): void {
  describe('sending to one queue', () => {
    beforeEach(() => subject().bus.declare([allEvents, tasks, graves]));

    test('reaches that queue and no other, whatever keys it wants, as the message was', async () => {
      const { bus } = subject();
      const message: Message = {
        id: '0190b2a4-7c1e-7000-8000-0000000000ff',
        key: 'note.changed',
        body: JSON.stringify({ path: 'Überblick.md' }),
        headers: { 'x-replay': 'first', 'x-error': 'Größe' },
      };
      await bus.send('tasks', [message]);
      await bus.send('graves', [{ ...message, id: 'dead' }]);
      const { deliveries } = await collect(bus, 'tasks');
      await eventually(() => expect(deliveries).toEqual([expect.objectContaining({ message, redelivered: false })]));
      expect(await bus.depth('graves')).toBe(1);
      expect(await drain(bus, 'all', sentinel)).toEqual([]);
    });

    test('keeps the order among itself and with what is published', async () => {
      const { bus } = subject();
      await bus.send('all', messages(150, 'note.changed', 'a'));
      await bus.publish('events', messages(150, 'note.changed', 'b'));
      await bus.send('all', messages(150, 'task.changed', 'c'));
      const expected = ['a', 'b', 'c'].flatMap((prefix) => messages(150, '', prefix).map(({ id }) => id));
      expect(idsOf(await drain(bus, 'all', sentinel))).toEqual(expected);
    });

    test('wakes a subscription that waits', async () => {
      const { bus } = subject();
      const { deliveries } = await collect(bus, 'tasks');
      await bus.send('tasks', messages(1));
      await eventually(() => expect(idsOf(deliveries)).toEqual(['1']));
      await eventually(async () => expect(await bus.depth('tasks')).toBe(0));
    });

    test('survives a restart', async () => {
      const { bus, reopen } = subject();
      await bus.send('tasks', messages(3));
      expect(await bus.depth('tasks')).toBe(3);
      const left = await drain(await reopen(), 'tasks', sentinel);
      expect(left.map(({ message }) => message)).toEqual(messages(3));
    });

    test('that does not exist is an error, and leaves nothing anywhere', async () => {
      const { bus } = subject();
      await expect(bus.send('nowhere', messages(3))).rejects.toMatchObject({ code: 'queue-unknown' });
      await bus.declare([{ ...allEvents, name: 'nowhere' }]);
      expect(await bus.depth('nowhere')).toBe(0);
      await bus.send('nowhere', messages(2));
      expect(await bus.depth('nowhere')).toBe(2);
      expect(await drain(bus, 'all', sentinel)).toEqual([]);
    });

    test('of nothing does nothing', async () => {
      const { bus } = subject();
      await bus.send('tasks', []);
      expect(await bus.depth('tasks')).toBe(0);
    });
  });
}
