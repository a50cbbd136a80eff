import { DatabaseSync } from 'node:sqlite';

const AT_ONCE = 500;

/** A table as a queue and a table of effects, over bare `node:sqlite`; each transaction is on disk when it ends. */
export function openBareQueue(file: string) {
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
    CREATE TABLE message (position INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
    CREATE TABLE effect (position INTEGER NOT NULL PRIMARY KEY, body TEXT NOT NULL)`);
  const add = database.prepare('INSERT INTO message (body) VALUES (?)');
  const read = database.prepare(`SELECT position, body FROM message ORDER BY position LIMIT ${AT_ONCE}`);
  const apply = database.prepare('INSERT INTO effect (position, body) VALUES (?, ?)');
  const forget = database.prepare('DELETE FROM message WHERE position = ?');

  function inTransaction(work: () => void) {
    database.exec('BEGIN IMMEDIATE');
    work();
    database.exec('COMMIT');
  }

  return {
    /** Puts a text into the queue so many times, and takes each out again into the table of effects. */
    carry(text: string, count: number): void {
      for (let left = count; left > 0; left -= AT_ONCE) {
        const part = Math.min(left, AT_ONCE);
        inTransaction(() => {
          for (let added = 0; added < part; added++) add.run(text);
        });
        inTransaction(() => {
          for (const { position, body } of read.all()) {
            apply.run(position as number, body as string);
            forget.run(position as number);
          }
        });
      }
    },
    close: () => database.close(),
  };
}
