import { beforeEach, describe, expect, test } from 'vitest';
import type { EventBus } from '../../src/index.ts';
import { allEvents, eventually, messages, type Subject } from './subject.ts';

/** Listens, and keeps the ids of what it hears. */
async function listen(bus: EventBus, ...patterns: string[]) {
  const heard: string[] = [];
  const { cancel } = await bus.listen({
    name: 'test-ear',
    patterns,
    hear: (some) => void heard.push(...some.map(({ id }) => id)),
    missed: () => void heard.push('missed'),
  });
  return { heard, cancel };
}

export function testListening(subject: Subject): void {
  describe('listening', () => {
    beforeEach(() => subject().bus.declare([allEvents]));

    test('everybody who listens hears what is published from then on and wanted, in its order', async () => {
      const { bus } = subject();
      await bus.publish('events', messages(3, 'note.changed', 'before-'));
      const [notes, all] = [await listen(bus, 'note.*'), await listen(bus, 'task.*', '#')];
      for (let from = 0; from < 100; from += 10) {
        await bus.publish('events', messages(100).slice(from, from + 10));
        await bus.publish('events', messages(1, 'task.changed', `task-${from}-`));
      }
      await eventually(() => expect(all.heard).toHaveLength(110));
      await eventually(() => expect(notes.heard).toEqual(messages(100).map(({ id }) => id)));
      expect(all.heard.filter((id) => !id.startsWith('task'))).toEqual(notes.heard);
      expect(await bus.depth('all')).toBe(113);
    });

    test('who listens no more hears nothing, and nothing is kept for him', async () => {
      const { bus } = subject();
      const [ended, other] = [await listen(bus, '#'), await listen(bus, '#')];
      await ended.cancel();
      await bus.publish('events', messages(5));
      await eventually(() => expect(other.heard).toHaveLength(5));
      expect(ended.heard).toEqual([]);
      const again = await listen(bus, '#');
      await bus.publish('events', messages(1, 'note.changed', 'again-'));
      await eventually(() => expect(again.heard).toEqual(['again-1']));
    });

    test('the dead letters are not heard', async () => {
      const { bus } = subject();
      await bus.declare([{ name: 'graves', exchange: 'dead', patterns: ['#'] }]);
      const { heard } = await listen(bus, '#');
      await bus.publish('dead', messages(1, 'note.changed', 'dead-'));
      await bus.publish('events', messages(1));
      await eventually(() => expect(heard).toEqual(['1']));
    });
  });
}
