CREATE TABLE principal (
  id TEXT NOT NULL PRIMARY KEY,
  vault_id TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE api_key (
  id TEXT NOT NULL COLLATE "C" PRIMARY KEY,
  principal_id TEXT NOT NULL REFERENCES principal (id),
  vault_id TEXT NOT NULL,
  hash TEXT NOT NULL,
  prefix TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  last_used_at BIGINT,
  revoked_at BIGINT,
  idempotency_key TEXT,
  fingerprint TEXT
);

CREATE UNIQUE INDEX api_key_by_hash ON api_key (hash);
CREATE UNIQUE INDEX api_key_by_idempotency_key ON api_key (vault_id, idempotency_key);
CREATE INDEX api_key_in_order ON api_key (vault_id, id);
