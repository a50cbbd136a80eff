CREATE TABLE lease (
  name TEXT PRIMARY KEY,
  owner TEXT,
  epoch BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);

CREATE TABLE path_lock (
  vault_id TEXT NOT NULL,
  path TEXT NOT NULL COLLATE "C",
  owner TEXT NOT NULL,
  wanted INTEGER NOT NULL,
  PRIMARY KEY (vault_id, path)
);

CREATE TABLE vault_progress (
  vault_id TEXT PRIMARY KEY,
  recovered_epoch BIGINT NOT NULL,
  compared_epoch BIGINT NOT NULL
);

ALTER TABLE write_group ADD COLUMN owner TEXT;
