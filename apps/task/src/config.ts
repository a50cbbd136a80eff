import { SettingError, setting, Type } from '@weave-nn/config';
import type { TaskStatusType } from '@weave-nn/vault/tasks';

const types = ['todo', 'in_progress', 'on_hold', 'done', 'cancelled', 'non_task'];

export const TaskSettings = Type.Object({
  TASK_TIME_ZONE: setting.optional({
    description: "the time zone whose days due dates are; the machine's own when unset",
    expected: 'a name such as Europe/Berlin',
  }),
  TASK_STATUSES: setting.optional({
    description: 'what other status characters mean than [ ], [x], [/] and [-], as in the settings of Obsidian Tasks',
    pattern: `^.[=](${types.join('|')})(,.[=](${types.join('|')}))*$`,
    expected: `a character, = and one of ${types.join(', ')}, several separated by commas, as in ?=todo,h=on_hold`,
  }),
  TASK_DUE_SOON_DAYS: setting.integer({
    description: 'how many days before its due date task.due says that a task is due',
    default: 1,
    minimum: 0,
    maximum: 365,
  }),
});

/** @throws SettingError when there is no such time zone */
export function readTimeZone(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    throw new SettingError('TASK_TIME_ZONE', 'a name such as Europe/Berlin', JSON.stringify(name));
  }
}

/** What `TASK_STATUSES` says, by character. */
export function readStatuses(setting: string | undefined): Map<string, TaskStatusType> {
  const entries = [...(setting ?? '').matchAll(/(?:^|,)(.)=(\w+)/gu)];
  return new Map(entries.map(([, symbol, type]) => [symbol as string, type as TaskStatusType]));
}
