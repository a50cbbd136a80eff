CREATE TABLE queued (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  queue TEXT NOT NULL REFERENCES queue (name),
  id TEXT NOT NULL,
  key TEXT NOT NULL,
  body TEXT NOT NULL,
  headers TEXT NOT NULL,
  delivered INTEGER NOT NULL DEFAULT 0
);

INSERT INTO queued (position, queue, id, key, body, headers, delivered)
SELECT position, queue, id, key, body, headers, delivered
FROM delivery JOIN message ON message.number = delivery.message ORDER BY position;

DROP TABLE delivery;
DROP TABLE message;
ALTER TABLE queued RENAME TO message;
CREATE INDEX message_by_queue ON message (queue, position);
