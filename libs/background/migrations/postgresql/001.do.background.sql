CREATE TABLE job (
  id TEXT PRIMARY KEY,
  vault_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  -- Only one job of a kind and key is unfinished at a time; NULL where any number may be.
  unique_key TEXT,
  input TEXT NOT NULL,
  caller TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  attempt INTEGER NOT NULL,
  cancel_requested INTEGER NOT NULL,
  steps TEXT NOT NULL,
  progress TEXT,
  result TEXT,
  error TEXT,
  created_at BIGINT NOT NULL,
  started_at BIGINT,
  heartbeat_at BIGINT,
  ended_at BIGINT
);

CREATE UNIQUE INDEX job_unfinished_by_key ON job (vault_id, kind, unique_key) WHERE ended_at IS NULL;
CREATE INDEX job_unfinished ON job (vault_id, id) WHERE ended_at IS NULL;
CREATE INDEX job_in_order ON job (vault_id, id);
CREATE INDEX job_by_end ON job (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE schedule (
  vault_id TEXT NOT NULL,
  name TEXT NOT NULL,
  -- The due time up to which everything is started.
  done_until BIGINT NOT NULL,
  last_job TEXT,
  PRIMARY KEY (vault_id, name)
);

-- Some services have this table by a migration of their own.
CREATE TABLE IF NOT EXISTS lease (
  name TEXT PRIMARY KEY,
  owner TEXT,
  epoch BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
