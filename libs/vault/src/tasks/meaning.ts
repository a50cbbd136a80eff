import { isCalendarDate } from './dates.ts';
import {
  type TaskCompletion,
  type TaskDateName,
  type TaskFieldName,
  type TaskPriority,
  taskCompletions,
  taskDateNames,
} from './fields.ts';
import { readRecurrence } from './recurrence.ts';
import type { TaskText } from './task-text.ts';

/** What a task's text says. Dates are `YYYY-MM-DD`. */
export interface TaskMeaning extends Record<TaskDateName, string | null> {
  /** The description without tags. */
  title: string;
  /** With their `#`, each once, in their order. */
  tags: string[];
  priority: TaskPriority | null;
  /** As it is written. */
  recurrence: string | null;
  dependsOn: string[];
  externalId: string | null;
  /** What completing it does with its line (`🏁 delete`); null for nothing that is written. */
  onCompletion: TaskCompletion | null;
  /** What is written and cannot be meant, a sentence each. */
  warnings: string[];
}

const namesOfDates: Readonly<Record<TaskDateName, string>> = {
  createdDate: 'created',
  startDate: 'start',
  scheduledDate: 'scheduled',
  dueDate: 'due',
  cancelledDate: 'cancelled',
  doneDate: 'done',
};

/** The value of a field; of one that is written twice, the first, which the plugin takes as well. */
export function fieldValue({ tail }: TaskText, name: TaskFieldName): string | null {
  for (const piece of tail) if (piece.kind === 'field' && piece.name === name) return piece.value;
  return null;
}

/** The tags of a text, each once. */
export function tagsOf({ head, tail }: TaskText): string[] {
  const tags = [...head, ...tail].flatMap((piece) => (piece.kind === 'tag' ? [piece.text] : []));
  return [...new Set(tags)];
}

function titleOf({ head }: TaskText): string {
  const texts = head.flatMap((piece) => (piece.kind === 'text' ? [piece.text.trim()] : []));
  return texts.filter((text) => text !== '').join(' ');
}

/**
 * What a task's text means.
 *
 * A date that no calendar has and a rule that nobody understands count as not given, and are named in `warnings`.
 */
export function meaningOf(text: TaskText): TaskMeaning {
  const warnings: string[] = [];
  const dates = Object.fromEntries(
    taskDateNames.map((name) => {
      const value = fieldValue(text, name);
      if (value === null || isCalendarDate(value)) return [name, value];
      warnings.push(`the ${namesOfDates[name]} date ${value} does not exist`);
      return [name, null];
    }),
  ) as Record<TaskDateName, string | null>;
  const rule = fieldValue(text, 'recurrence');
  const isRule = rule !== null && readRecurrence(rule) !== undefined;
  if (rule !== null && !isRule) warnings.push(`the recurrence "${rule}" is not understood`);
  const completion = fieldValue(text, 'onCompletion')?.toLowerCase();
  const dependsOn = fieldValue(text, 'dependsOn');
  return {
    title: titleOf(text),
    tags: tagsOf(text),
    priority: fieldValue(text, 'priority') as TaskPriority | null,
    recurrence: isRule ? rule : null,
    dependsOn: dependsOn === null ? [] : dependsOn.split(',').map((id) => id.trim()),
    externalId: fieldValue(text, 'externalId'),
    onCompletion: taskCompletions.find((name) => name === completion) ?? null,
    warnings,
    ...dates,
  };
}
