import type { StoredTask } from '../stored-task.ts';
import type { FoundTask } from './found-task.ts';

/** Tasks in their order, of which those that are taken are passed over. */
interface Line {
  tasks: StoredTask[];
  next: number;
}

function addTo(lines: Map<string, Line>, key: string, task: StoredTask): void {
  const line = lines.get(key);
  if (line) line.tasks.push(task);
  else lines.set(key, { tasks: [task], next: 0 });
}

/**
 * Tasks that lines may be, which are looked up by what the lines say: thousands of equal lines cost no more than as many
 * different ones.
 */
export function createCandidates(tasks: readonly StoredTask[]) {
  const expected = new Map<string, Line>();
  const sameLine = new Map<string, Line>();
  const sameText = new Map<string, Line>();
  const taken = new Set<StoredTask>();
  for (const task of tasks) {
    const { path, raw, textKey } = task.source ?? { path: '', raw: '', textKey: '' };
    if (task.state === 'expected') addTo(expected, `${textKey}\n${path}`, task);
    else {
      addTo(sameLine, `${textKey}\n${raw}`, task);
      addTo(sameText, textKey, task);
    }
  }

  function takeFirst(line: Line | undefined): StoredTask | undefined {
    for (; line && line.next < line.tasks.length; line.next++) {
      const task = line.tasks[line.next];
      if (!task || taken.has(task)) continue;
      taken.add(task);
      return task;
    }
    return undefined;
  }

  return {
    /** Takes the task that is expected in the note, else one with the same line, else one with the same description. */
    take({ raw, textKey, path }: Pick<FoundTask, 'raw' | 'textKey' | 'path'>): StoredTask | undefined {
      return (
        takeFirst(expected.get(`${textKey}\n${path}`)) ??
        takeFirst(sameLine.get(`${textKey}\n${raw}`)) ??
        takeFirst(sameText.get(textKey))
      );
    },

    /** Those that were not taken, in their order. */
    left: () => tasks.filter((task) => !taken.has(task)),
  };
}
