-- Texts that are ordered or compared are in the order of their bytes, as on SQLite.
CREATE TABLE note (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  vault_id TEXT NOT NULL COLLATE "C",
  path TEXT NOT NULL COLLATE "C",
  path_key TEXT NOT NULL COLLATE "C",
  link_key TEXT NOT NULL COLLATE "C",
  title TEXT NOT NULL COLLATE "C",
  is_note INTEGER NOT NULL,
  hash TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  size BIGINT NOT NULL,
  mtime TEXT NOT NULL,
  frontmatter TEXT NOT NULL,
  content TEXT,
  warning TEXT
);

CREATE UNIQUE INDEX note_vault_id_path_key ON note (vault_id, path);
CREATE INDEX note_by_link_key ON note (vault_id, link_key);

CREATE TABLE link (
  note_id BIGINT NOT NULL REFERENCES note (id) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  vault_id TEXT NOT NULL COLLATE "C",
  link TEXT NOT NULL COLLATE "C",
  link_key TEXT NOT NULL COLLATE "C",
  subpath TEXT NOT NULL,
  alias TEXT,
  embed INTEGER NOT NULL,
  line INTEGER NOT NULL,
  target_path TEXT COLLATE "C",
  PRIMARY KEY (note_id, ordinal)
);

CREATE INDEX link_by_key ON link (vault_id, link_key);
CREATE INDEX link_by_target ON link (vault_id, target_path);

CREATE TABLE tag (
  note_id BIGINT NOT NULL REFERENCES note (id) ON DELETE CASCADE,
  tag_key TEXT NOT NULL COLLATE "C",
  vault_id TEXT NOT NULL COLLATE "C",
  tag TEXT NOT NULL COLLATE "C",
  PRIMARY KEY (note_id, tag_key)
);

CREATE INDEX tag_by_key ON tag (vault_id, tag_key);

CREATE TABLE heading (
  note_id BIGINT NOT NULL REFERENCES note (id) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  vault_id TEXT NOT NULL COLLATE "C",
  level INTEGER NOT NULL,
  text TEXT NOT NULL,
  line INTEGER NOT NULL,
  PRIMARY KEY (note_id, ordinal)
);

CREATE TABLE note_text_segment (
  note_id BIGINT NOT NULL REFERENCES note (id) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  vector TSVECTOR NOT NULL,
  PRIMARY KEY (note_id, ordinal)
);

CREATE INDEX note_text_segment_by_word ON note_text_segment USING gin (vector);

CREATE TABLE event_log (
  position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  vault_id TEXT NOT NULL COLLATE "C",
  event_id TEXT NOT NULL COLLATE "C",
  type TEXT NOT NULL COLLATE "C",
  source TEXT NOT NULL COLLATE "C",
  subject TEXT NOT NULL COLLATE "C",
  sequence BIGINT NOT NULL,
  time TEXT NOT NULL COLLATE "C",
  body TEXT NOT NULL
);

CREATE UNIQUE INDEX event_log_event_id_key ON event_log (event_id);
CREATE INDEX event_log_by_subject ON event_log (source, subject, sequence);

CREATE TABLE dead_letter (
  id TEXT PRIMARY KEY COLLATE "C",
  vault_id TEXT NOT NULL COLLATE "C",
  event_id TEXT NOT NULL COLLATE "C",
  type TEXT NOT NULL COLLATE "C",
  queue TEXT NOT NULL COLLATE "C",
  consumer TEXT NOT NULL COLLATE "C",
  error TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  first_at TEXT NOT NULL COLLATE "C",
  died_at TEXT NOT NULL COLLATE "C",
  body TEXT NOT NULL,
  subject TEXT COLLATE "C",
  state TEXT NOT NULL COLLATE "C",
  state_at TEXT NOT NULL COLLATE "C",
  replay TEXT COLLATE "C",
  sent INTEGER NOT NULL,
  history TEXT NOT NULL
);

CREATE INDEX dead_letter_in_order ON dead_letter (vault_id, died_at, id);
CREATE INDEX dead_letter_by_state ON dead_letter (vault_id, state, state_at);
