import { describe, expect, test } from 'vitest';
import { allEvents, drain, idsOf, messages, type Subject, sentinel } from './subject.ts';

export function testRouting(subject: Subject): void {
  describe('routing', () => {
    test('declaring queues again keeps their messages', async () => {
      const { bus } = subject();
      await bus.declare([allEvents]);
      await bus.publish('events', messages(3));
      await bus.declare([allEvents, { name: 'other', exchange: 'events', patterns: ['note.last'] }]);
      await bus.declare([allEvents]);
      expect(idsOf(await drain(bus, 'all', sentinel))).toEqual(['1', '2', '3']);
    });

    test('declaring the same queues from several callers at once makes each once', async () => {
      const { bus } = subject();
      await Promise.all([bus.declare([allEvents]), bus.declare([allEvents]), bus.declare([allEvents])]);
      await bus.publish('events', messages(2));
      expect(idsOf(await drain(bus, 'all', sentinel))).toEqual(['1', '2']);
    });

    test.each([
      ['note.changed', ['note.changed']],
      ['note.*', ['note.changed', 'note.gone']],
      ['*.changed', ['note.changed', 'task.changed']],
      ['#', ['note', 'note.changed', 'note.changed.twice', 'note.gone', 'task.changed']],
      ['note.#', ['note', 'note.changed', 'note.changed.twice', 'note.gone']],
      ['#.changed', ['note.changed', 'task.changed']],
      ['note.#.twice', ['note.changed.twice']],
    ])('a queue bound with %s gets the keys that fit', async (pattern, wanted) => {
      const { bus } = subject();
      const bound = { name: 'bound', exchange: 'events', patterns: [pattern, sentinel.key] } as const;
      await bus.declare([allEvents, bound]);
      const keys = ['note', 'note.changed', 'note.changed.twice', 'note.gone', 'task.changed'];
      await bus.publish(
        'events',
        keys.map((key) => ({ id: key, key, body: '{}', headers: {} })),
      );
      expect(idsOf(await drain(bus, 'bound', sentinel))).toEqual(wanted);
    });

    test('a message reaches each queue that wants it once, also when several patterns fit', async () => {
      const { bus } = subject();
      const twice = { name: 'twice', exchange: 'events', patterns: ['#', 'note.*', 'note.changed'] } as const;
      await bus.declare([allEvents, twice]);
      await bus.publish('events', messages(5));
      const everything = ['1', '2', '3', '4', '5'];
      expect(idsOf(await drain(bus, 'twice', sentinel))).toEqual(everything);
      expect(idsOf(await drain(bus, 'all', { ...sentinel, id: 'end' }))).toEqual([...everything, 'last']);
    });

    test('the exchanges are apart', async () => {
      const { bus } = subject();
      await bus.declare([allEvents, { name: 'graves', exchange: 'dead', patterns: ['#'] }]);
      await bus.publish('dead', messages(2));
      expect(await bus.depth('graves')).toBe(2);
      expect(await drain(bus, 'all', sentinel)).toEqual([]);
    });

    test('a message that no queue wants is an error, and none after it is kept', async () => {
      const { bus } = subject();
      const notes = { name: 'notes', exchange: 'events', patterns: ['note.*'] } as const;
      await bus.declare([notes]);
      const [first, second] = messages(2);
      if (!first || !second) return;
      const nobodys = { ...first, id: 'nobody', key: 'nobody.wants' };
      await expect(bus.publish('events', [nobodys, first, second])).rejects.toMatchObject({ code: 'event-unroutable' });
      expect(await drain(bus, 'notes', sentinel)).toEqual([]);
    });

    test('a queue that was not declared is an error', async () => {
      const { bus } = subject();
      await expect(bus.subscribe('nowhere', async () => {}, { batch: 1 })).rejects.toMatchObject({
        code: 'queue-unknown',
      });
      await expect(bus.depth('nowhere')).rejects.toMatchObject({ code: 'queue-unknown' });
    });
  });
}
