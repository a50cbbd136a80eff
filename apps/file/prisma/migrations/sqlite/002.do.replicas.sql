CREATE TABLE lease (
  name TEXT NOT NULL PRIMARY KEY,
  owner TEXT,
  epoch BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);

CREATE TABLE path_lock (
  vault_id TEXT NOT NULL,
  path TEXT NOT NULL,
  owner TEXT NOT NULL,
  wanted INTEGER NOT NULL,
  PRIMARY KEY (vault_id, path)
);

CREATE TABLE vault_progress (
  vault_id TEXT NOT NULL PRIMARY KEY,
  recovered_epoch BIGINT NOT NULL,
  compared_epoch BIGINT NOT NULL
);

-- SQLite lets a primary key of text be NULL unless it is told otherwise, and cannot be told later: the tables are rebuilt.
CREATE TABLE new_write_group (
  id TEXT NOT NULL PRIMARY KEY,
  vault_id TEXT NOT NULL,
  state TEXT NOT NULL,
  actor TEXT NOT NULL,
  client TEXT,
  request_id TEXT,
  origin TEXT NOT NULL,
  traceparent TEXT,
  idempotency_key TEXT,
  fingerprint TEXT,
  decided_at BIGINT NOT NULL,
  owner TEXT
);
INSERT INTO new_write_group SELECT *, NULL FROM write_group;
DROP TABLE write_group;
ALTER TABLE new_write_group RENAME TO write_group;

CREATE TABLE new_content (
  hash TEXT NOT NULL PRIMARY KEY,
  size BIGINT NOT NULL,
  bytes BLOB NOT NULL,
  kept_at BIGINT NOT NULL
);
INSERT INTO new_content SELECT * FROM content;
DROP TABLE content;
ALTER TABLE new_content RENAME TO content;

CREATE TABLE new_version (
  id TEXT NOT NULL PRIMARY KEY,
  vault_id TEXT NOT NULL,
  path TEXT NOT NULL,
  hash TEXT NOT NULL,
  size BIGINT NOT NULL,
  change TEXT NOT NULL,
  actor TEXT NOT NULL,
  replaced_at BIGINT NOT NULL
);
INSERT INTO new_version SELECT * FROM version;
DROP TABLE version;
ALTER TABLE new_version RENAME TO version;
CREATE INDEX version_by_path ON version (vault_id, path, id);
CREATE INDEX version_by_age ON version (replaced_at);

CREATE TABLE new_idempotency (
  key TEXT NOT NULL PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  answer TEXT NOT NULL,
  answered_at BIGINT NOT NULL
);
INSERT INTO new_idempotency SELECT * FROM idempotency;
DROP TABLE idempotency;
ALTER TABLE new_idempotency RENAME TO idempotency;
