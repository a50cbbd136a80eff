CREATE TABLE queue (
  name TEXT PRIMARY KEY,
  exchange TEXT NOT NULL,
  patterns TEXT NOT NULL
);

CREATE TABLE message (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  queue TEXT NOT NULL REFERENCES queue (name),
  id TEXT NOT NULL,
  key TEXT NOT NULL,
  body TEXT NOT NULL,
  headers TEXT NOT NULL,
  delivered INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX message_by_queue ON message (queue, position);
