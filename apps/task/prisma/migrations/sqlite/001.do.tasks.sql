CREATE TABLE task (
  id TEXT NOT NULL PRIMARY KEY,
  vault_id TEXT NOT NULL,
  state TEXT NOT NULL,
  state_at BIGINT NOT NULL,
  project_id TEXT,
  title TEXT NOT NULL,
  title_key TEXT NOT NULL,
  status TEXT NOT NULL,
  completed INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  due_date TEXT,
  due_key TEXT NOT NULL,
  scheduled_date TEXT,
  start_date TEXT,
  done_date TEXT,
  cancelled_date TEXT,
  created_date TEXT,
  recurrence TEXT,
  depends_on TEXT NOT NULL,
  external_id TEXT,
  tags TEXT NOT NULL,
  assignee TEXT,
  watchers TEXT NOT NULL,
  comments INTEGER NOT NULL,
  warnings TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  completed_at TEXT,
  path TEXT,
  line INTEGER,
  heading TEXT,
  raw TEXT,
  text_key TEXT,
  revision BIGINT NOT NULL,
  due_told TEXT,
  overdue_told TEXT
);

CREATE INDEX task_in_order ON task (vault_id, state, id);
CREATE INDEX task_by_due ON task (vault_id, state, due_key, id);
CREATE INDEX task_by_open_due ON task (vault_id, state, completed, due_key, id);
CREATE INDEX task_by_status ON task (vault_id, state, status, id);
CREATE INDEX task_by_priority ON task (vault_id, state, priority, id);
CREATE INDEX task_by_update ON task (vault_id, state, updated_at, id);
CREATE INDEX task_by_title ON task (vault_id, state, title_key, id);
CREATE INDEX task_by_project ON task (vault_id, state, project_id, id);
CREATE INDEX task_by_assignee ON task (vault_id, state, assignee, id);
CREATE INDEX task_by_note ON task (vault_id, path);
CREATE INDEX task_by_text ON task (vault_id, text_key);
CREATE INDEX task_by_state ON task (vault_id, state, state_at);

CREATE TABLE task_tag (
  vault_id TEXT NOT NULL,
  tag_key TEXT NOT NULL,
  task_id TEXT NOT NULL REFERENCES task (id) ON DELETE CASCADE,
  PRIMARY KEY (vault_id, tag_key, task_id)
) WITHOUT ROWID;

CREATE INDEX task_tag_by_task ON task_tag (task_id);

CREATE TABLE task_note (
  vault_id TEXT NOT NULL,
  path TEXT NOT NULL,
  hash TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  PRIMARY KEY (vault_id, path)
) WITHOUT ROWID;

CREATE TABLE task_pin (
  vault_id TEXT NOT NULL,
  path TEXT NOT NULL,
  hash TEXT NOT NULL,
  line INTEGER NOT NULL,
  task_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (vault_id, path, hash, line)
) WITHOUT ROWID;

CREATE INDEX task_pin_by_age ON task_pin (created_at);

CREATE TABLE task_comment (
  id TEXT NOT NULL PRIMARY KEY,
  vault_id TEXT NOT NULL,
  task_id TEXT NOT NULL REFERENCES task (id) ON DELETE CASCADE,
  author TEXT NOT NULL,
  body TEXT NOT NULL,
  mentions TEXT NOT NULL,
  created_at TEXT NOT NULL
);

CREATE INDEX task_comment_in_order ON task_comment (task_id, id);

CREATE TABLE project (
  vault_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (vault_id, id)
) WITHOUT ROWID;

CREATE TABLE request_key (
  vault_id TEXT NOT NULL,
  name TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  answer TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (vault_id, name)
) WITHOUT ROWID;

CREATE INDEX request_key_by_age ON request_key (created_at);

CREATE TABLE lease (
  name TEXT NOT NULL PRIMARY KEY,
  owner TEXT,
  epoch BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
