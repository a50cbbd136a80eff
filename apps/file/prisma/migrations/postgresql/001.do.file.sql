CREATE TABLE manifest (
  vault_id TEXT NOT NULL,
  path TEXT NOT NULL COLLATE "C",
  collision_key TEXT NOT NULL,
  hash TEXT NOT NULL,
  size BIGINT NOT NULL,
  mode INTEGER NOT NULL,
  mtime_us BIGINT NOT NULL,
  ctime_us BIGINT NOT NULL,
  birthtime_us BIGINT NOT NULL,
  device TEXT NOT NULL,
  inode TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  link_keys TEXT NOT NULL,
  PRIMARY KEY (vault_id, path)
);

CREATE INDEX manifest_by_collision_key ON manifest (vault_id, collision_key);

CREATE TABLE write_group (
  id TEXT PRIMARY KEY,
  vault_id TEXT NOT NULL,
  state TEXT NOT NULL,
  actor TEXT NOT NULL,
  client TEXT,
  request_id TEXT,
  origin TEXT NOT NULL,
  traceparent TEXT,
  idempotency_key TEXT,
  fingerprint TEXT,
  decided_at BIGINT NOT NULL
);

CREATE TABLE write_intent (
  group_id TEXT NOT NULL REFERENCES write_group (id) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  kind TEXT NOT NULL,
  path TEXT NOT NULL,
  from_path TEXT,
  trash_path TEXT,
  temporary TEXT,
  aside TEXT,
  hash_before TEXT,
  hash_after TEXT,
  PRIMARY KEY (group_id, ordinal)
);

CREATE TABLE content (
  hash TEXT PRIMARY KEY,
  size BIGINT NOT NULL,
  bytes BYTEA NOT NULL,
  kept_at BIGINT NOT NULL
);

CREATE TABLE version (
  id TEXT PRIMARY KEY,
  vault_id TEXT NOT NULL,
  path TEXT NOT NULL,
  hash TEXT NOT NULL,
  size BIGINT NOT NULL,
  change TEXT NOT NULL,
  actor TEXT NOT NULL,
  replaced_at BIGINT NOT NULL
);

CREATE INDEX version_by_path ON version (vault_id, path, id);
CREATE INDEX version_by_age ON version (replaced_at);

CREATE TABLE idempotency (
  key TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  answer TEXT NOT NULL,
  answered_at BIGINT NOT NULL
);
