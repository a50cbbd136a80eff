CREATE TABLE pending_change (
  position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  vault_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  path TEXT NOT NULL,
  from_path TEXT,
  actor TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  held INTEGER NOT NULL
);

CREATE UNIQUE INDEX pending_change_event_id_key ON pending_change (event_id);
CREATE INDEX pending_change_by_age ON pending_change (vault_id, held, received_at);

CREATE TABLE decided_commit (
  sha TEXT NOT NULL PRIMARY KEY,
  vault_id TEXT NOT NULL,
  parent TEXT,
  ref TEXT NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
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
  vault_id TEXT NOT NULL,
  path TEXT NOT NULL,
  rule TEXT NOT NULL,
  level TEXT NOT NULL,
  reason TEXT NOT NULL,
  found_at BIGINT NOT NULL,
  PRIMARY KEY (vault_id, path)
) WITHOUT ROWID;

CREATE TABLE job (
  id TEXT NOT NULL PRIMARY KEY,
  vault_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  message TEXT,
  actor TEXT NOT NULL,
  client TEXT,
  request_id TEXT,
  state TEXT NOT NULL,
  answer TEXT,
  created_at BIGINT NOT NULL
);

CREATE INDEX job_by_state ON job (vault_id, state, created_at);

CREATE TABLE history_state (
  vault_id TEXT NOT NULL PRIMARY KEY,
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
  name TEXT NOT NULL PRIMARY KEY,
  owner TEXT,
  epoch BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
