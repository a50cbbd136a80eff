export type { Database, Sql, SqlValue } from './database.ts';
export { type InsertRows, rowInsert } from './insert-rows.ts';
export { listOf, listTable, membersOf, oneOfList } from './list-table.ts';
export type { Procedure } from './procedure.ts';
