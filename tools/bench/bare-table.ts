// Loads every note of a folder into a bare FTS5 table: `node tools/bench/bare-table.ts VAULT DATABASE`.
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const BATCH = 1_000;
const [vault = '', file = ''] = process.argv.slice(2);
const database = new DatabaseSync(file);
database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
  CREATE VIRTUAL TABLE note USING fts5 (path UNINDEXED, title, body, tokenize = 'unicode61')`);
const insert = database.prepare('INSERT INTO note (path, title, body) VALUES (?, ?, ?)');
const paths = globSync('**/*.md', { cwd: vault });
for (let start = 0; start < paths.length; start += BATCH) {
  database.exec('BEGIN');
  for (const path of paths.slice(start, start + BATCH)) {
    insert.run(path, basename(path, '.md'), readFileSync(join(vault, path), 'utf8'));
  }
  database.exec('COMMIT');
}
database.close();
