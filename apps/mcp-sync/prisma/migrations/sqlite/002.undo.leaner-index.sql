CREATE TABLE heading (
  note_id INTEGER NOT NULL REFERENCES note (id) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  vault_id TEXT NOT NULL,
  level INTEGER NOT NULL,
  text TEXT NOT NULL,
  line INTEGER NOT NULL,
  PRIMARY KEY (note_id, ordinal)
) WITHOUT ROWID;
INSERT INTO heading (note_id, ordinal, vault_id, level, text, line)
SELECT note.id, each.key, vault_id, each.value ->> 'level', each.value ->> 'text', each.value ->> 'line'
FROM note, json_each(headings) AS each;
ALTER TABLE note DROP COLUMN headings;
CREATE INDEX link_by_target ON link (vault_id, target_path);
