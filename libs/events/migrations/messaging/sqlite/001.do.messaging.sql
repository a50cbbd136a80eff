CREATE TABLE outbox (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id TEXT NOT NULL UNIQUE,
  type TEXT NOT NULL,
  body TEXT NOT NULL,
  sent_at BIGINT
);

CREATE INDEX outbox_unsent ON outbox (position) WHERE sent_at IS NULL;
CREATE INDEX outbox_sent ON outbox (sent_at) WHERE sent_at IS NOT NULL;

CREATE TABLE inbox (
  consumer TEXT NOT NULL,
  event_id TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (consumer, event_id)
) WITHOUT ROWID;

CREATE INDEX inbox_by_age ON inbox (received_at);

CREATE TABLE attempt (
  consumer TEXT NOT NULL,
  event_id TEXT NOT NULL,
  replay TEXT NOT NULL,
  type TEXT NOT NULL,
  body TEXT NOT NULL,
  tries INTEGER NOT NULL,
  error TEXT NOT NULL,
  first_at BIGINT NOT NULL,
  due_at BIGINT,
  PRIMARY KEY (consumer, event_id, replay)
);

CREATE INDEX attempt_by_due ON attempt (consumer, due_at) WHERE due_at IS NOT NULL;

CREATE TABLE subject_sequence (
  consumer TEXT NOT NULL,
  source TEXT NOT NULL,
  subject TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  PRIMARY KEY (consumer, source, subject)
) WITHOUT ROWID;
