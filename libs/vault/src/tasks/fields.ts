/** What a task's line can say besides its description and tags, as the Obsidian Tasks plugin reads it. */
export type TaskFieldName =
  | 'priority'
  | 'recurrence'
  | 'onCompletion'
  | 'createdDate'
  | 'startDate'
  | 'scheduledDate'
  | 'dueDate'
  | 'cancelledDate'
  | 'doneDate'
  | 'externalId'
  | 'dependsOn';

/** The fields that are dates. */
export const taskDateNames = [
  'createdDate',
  'startDate',
  'scheduledDate',
  'dueDate',
  'cancelledDate',
  'doneDate',
] as const;
export type TaskDateName = (typeof taskDateNames)[number];

export const taskPriorities = ['highest', 'high', 'medium', 'low', 'lowest'] as const;
export type TaskPriority = (typeof taskPriorities)[number];

/** What can happen to the line of a task that is done. */
export const taskCompletions = ['keep', 'delete'] as const;
export type TaskCompletion = (typeof taskCompletions)[number];

/** The order in which fields are written on a line that has none yet; the plugin's own. */
export const fieldOrder: readonly TaskFieldName[] = [
  'externalId',
  'dependsOn',
  'priority',
  'recurrence',
  'onCompletion',
  'createdDate',
  'startDate',
  'scheduledDate',
  'dueDate',
  'cancelledDate',
  'doneDate',
];

/** How a field is written; the first of several signs is the one that is written. */
interface FieldShape {
  signs: readonly string[];
  /** The name in the Dataview form. */
  key: string;
  /** What its value must be. */
  value: RegExp;
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const ID = '[A-Za-z0-9_-]+';

/** The Obsidian Tasks documentation, "Tasks Emoji Format" and "Dataview Format". */
export const fieldShapes: Readonly<Record<Exclude<TaskFieldName, 'priority'>, FieldShape>> = {
  recurrence: { signs: ['🔁'], key: 'repeat', value: /^[A-Za-z0-9, !]+$/ },
  onCompletion: { signs: ['🏁'], key: 'onCompletion', value: /^[A-Za-z]+$/ },
  createdDate: { signs: ['➕'], key: 'created', value: DATE },
  startDate: { signs: ['🛫'], key: 'start', value: DATE },
  scheduledDate: { signs: ['⏳', '⌛'], key: 'scheduled', value: DATE },
  dueDate: { signs: ['📅', '📆', '🗓'], key: 'due', value: DATE },
  cancelledDate: { signs: ['❌'], key: 'cancelled', value: DATE },
  doneDate: { signs: ['✅'], key: 'completion', value: DATE },
  externalId: { signs: ['🆔'], key: 'id', value: new RegExp(`^${ID}$`) },
  dependsOn: { signs: ['⛔'], key: 'dependsOn', value: new RegExp(`^${ID}(?: *, *${ID})*$`) },
};

export const prioritySigns: Readonly<Record<TaskPriority, string>> = {
  highest: '🔺',
  high: '⏫',
  medium: '🔼',
  low: '🔽',
  lowest: '⏬',
};

const priorityOfSign = new Map(Object.entries(prioritySigns).map(([name, sign]) => [sign, name as TaskPriority]));
const nameOfSign = new Map<string, Exclude<TaskFieldName, 'priority'>>();
const nameOfKey = new Map<string, TaskFieldName>([['priority', 'priority']]);
for (const [name, { signs, key }] of Object.entries(fieldShapes)) {
  for (const sign of signs) nameOfSign.set(sign, name as Exclude<TaskFieldName, 'priority'>);
  nameOfKey.set(key, name as TaskFieldName);
}

export { nameOfKey, nameOfSign, priorityOfSign };

/** Whether a text can be the value of a field. */
export function isFieldValue(name: TaskFieldName, value: string): boolean {
  return name === 'priority'
    ? (taskPriorities as readonly string[]).includes(value)
    : fieldShapes[name].value.test(value);
}
