CREATE TABLE background_job (
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
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  heartbeat_at INTEGER,
  ended_at INTEGER
) STRICT;

CREATE UNIQUE INDEX background_job_unfinished_by_key ON background_job (vault_id, kind, unique_key) WHERE ended_at IS NULL;
CREATE INDEX background_job_unfinished ON background_job (vault_id, id) WHERE ended_at IS NULL;
CREATE INDEX background_job_in_order ON background_job (vault_id, id);
CREATE INDEX background_job_by_end ON background_job (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE background_schedule (
  vault_id TEXT NOT NULL,
  name TEXT NOT NULL,
  -- The due time up to which everything is started.
  done_until INTEGER NOT NULL,
  last_job TEXT,
  PRIMARY KEY (vault_id, name)
) STRICT;
