-- A message that several queues want is kept once.
ALTER TABLE message RENAME TO queued;

CREATE TABLE message (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  key TEXT NOT NULL,
  body TEXT NOT NULL,
  headers TEXT NOT NULL
);

CREATE TABLE delivery (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  queue TEXT NOT NULL REFERENCES queue (name),
  message INTEGER NOT NULL,
  delivered INTEGER NOT NULL DEFAULT 0
);

INSERT INTO message (number, id, key, body, headers) SELECT position, id, key, body, headers FROM queued;
INSERT INTO delivery (position, queue, message, delivered) SELECT position, queue, position, delivered FROM queued;
DROP TABLE queued;
CREATE INDEX delivery_by_queue ON delivery (queue, position);
