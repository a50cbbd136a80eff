-- Texts that are ordered or compared are in the order of their bytes, as on SQLite.
CREATE TABLE pending_change (
  position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  vault_id TEXT NOT NULL COLLATE "C",
  event_id TEXT NOT NULL COLLATE "C",
  path TEXT NOT NULL COLLATE "C",
  from_path TEXT,
  actor TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  held INTEGER NOT NULL
);

CREATE UNIQUE INDEX pending_change_event_id_key ON pending_change (event_id);
CREATE INDEX pending_change_by_age ON pending_change (vault_id, held, received_at);

CREATE TABLE decided_commit (
  sha TEXT PRIMARY KEY COLLATE "C",
  vault_id TEXT NOT NULL COLLATE "C",
  parent TEXT,
  ref TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL COLLATE "C",
  message TEXT NOT NULL,
  author TEXT NOT NULL,
  actor TEXT NOT NULL,
  client TEXT,
  request_id TEXT,
  paths TEXT NOT NULL,
  positions TEXT NOT NULL,
  conflicts TEXT NOT NULL,
  decided_at BIGINT NOT NULL
);

CREATE INDEX decided_commit_in_order ON decided_commit (vault_id, decided_at);

CREATE TABLE finding (
  vault_id TEXT NOT NULL COLLATE "C",
  path TEXT NOT NULL COLLATE "C",
  rule TEXT NOT NULL,
  level TEXT NOT NULL,
  reason TEXT NOT NULL,
  found_at BIGINT NOT NULL,
  PRIMARY KEY (vault_id, path)
);

CREATE TABLE job (
  id TEXT PRIMARY KEY COLLATE "C",
  vault_id TEXT NOT NULL COLLATE "C",
  kind TEXT NOT NULL,
  message TEXT,
  actor TEXT NOT NULL,
  client TEXT,
  request_id TEXT,
  state TEXT NOT NULL COLLATE "C",
  answer TEXT,
  created_at BIGINT NOT NULL
);

CREATE INDEX job_by_state ON job (vault_id, state, created_at);

CREATE TABLE history_state (
  vault_id TEXT PRIMARY KEY COLLATE "C",
  overlooked INTEGER NOT NULL,
  last_sha TEXT,
  last_at BIGINT,
  tended_at BIGINT NOT NULL,
  synced_at BIGINT,
  sync_tries INTEGER NOT NULL,
  sync_due_at BIGINT NOT NULL,
  sync_problem TEXT
);

CREATE TABLE lease (
  name TEXT PRIMARY KEY,
  owner TEXT,
  epoch BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
