INSERT INTO note_text (note_text, rank) VALUES ('automerge', 4);
INSERT INTO note_text (note_text, rank) VALUES ('pgsz', 4050);

UPDATE link SET target_path = (
  SELECT min(path) FROM note WHERE note.vault_id = link.vault_id AND note.link_key = link.link_key
) WHERE chosen = 0;
DROP INDEX link_by_key;
ALTER TABLE link DROP COLUMN chosen;
CREATE INDEX link_by_key ON link (vault_id, link_key);
