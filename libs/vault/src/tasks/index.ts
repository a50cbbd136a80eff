export { nextDates, nextTaskText } from './complete.ts';
export { addDays, isCalendarDate } from './dates.ts';
export { editTaskText, type TaskTextChange } from './edit.ts';
export {
  isFieldValue,
  type TaskCompletion,
  type TaskDateName,
  type TaskPriority,
  taskCompletions,
  taskDateNames,
  taskPriorities,
} from './fields.ts';
export { meaningOf, type TaskMeaning } from './meaning.ts';
export {
  findNoteTasks,
  hasChildren,
  insertTaskLine,
  type LineEdits,
  type NoteTask,
  replaceLines,
} from './note-tasks.ts';
export { nextOccurrence, readRecurrence } from './recurrence.ts';
export { statusSymbols, statusTypeOf, type TaskStatusType, type TaskStatusTypes } from './statuses.ts';
export { parseTaskText, printTaskText, type TaskText } from './task-text.ts';
