export type { Database, Procedure, Sql, SqlValue } from './database.ts';
export { type InsertRows, rowInsert } from './insert-rows.ts';
export { listOf, listTable, membersOf, oneOfList } from './list-table.ts';
