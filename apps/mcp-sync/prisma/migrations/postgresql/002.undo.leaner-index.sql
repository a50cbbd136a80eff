CREATE TABLE heading (
  note_id BIGINT NOT NULL REFERENCES note (id) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  vault_id TEXT NOT NULL COLLATE "C",
  level INTEGER NOT NULL,
  text TEXT NOT NULL,
  line INTEGER NOT NULL,
  PRIMARY KEY (note_id, ordinal)
);
INSERT INTO heading (note_id, ordinal, vault_id, level, text, line)
SELECT note.id, each.ordinality - 1, vault_id, CAST(each.value ->> 'level' AS INTEGER), each.value ->> 'text',
  CAST(each.value ->> 'line' AS INTEGER)
FROM note, json_array_elements(CAST(headings AS json)) WITH ORDINALITY AS each(value, ordinality);
ALTER TABLE note DROP COLUMN headings;
CREATE INDEX link_by_target ON link (vault_id, target_path);
