/** What a status character means to the Obsidian Tasks plugin ("Status Types"). */
export type TaskStatusType = 'todo' | 'in_progress' | 'on_hold' | 'done' | 'cancelled' | 'non_task';

/** Characters that mean something else than the plugin's own, as in its settings. */
export type TaskStatusTypes = ReadonlyMap<string, TaskStatusType>;

/** The plugin's own ("Core Statuses", "Custom Statuses"); a character that nobody knows is a task to do. */
const known: TaskStatusTypes = new Map([
  [' ', 'todo'],
  ['x', 'done'],
  ['X', 'done'],
  ['/', 'in_progress'],
  ['-', 'cancelled'],
]);

/** The character with which a status is written. */
export const statusSymbols = { todo: ' ', in_progress: '/', done: 'x', cancelled: '-' } as const;

/** What a status character means. */
export function statusTypeOf(symbol: string, custom: TaskStatusTypes = known): TaskStatusType {
  return custom.get(symbol) ?? known.get(symbol) ?? 'todo';
}
