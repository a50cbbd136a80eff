-- Links to a file are found by the key that they name it with.
DROP INDEX link_by_target;

-- Headings are only ever wanted with their note.
ALTER TABLE note ADD COLUMN headings TEXT NOT NULL DEFAULT '[]';
UPDATE note SET headings = (
  SELECT coalesce(json_agg(json_build_object('level', level, 'text', text, 'line', line) ORDER BY ordinal), '[]')::text
  FROM heading WHERE heading.note_id = note.id
) WHERE is_note = 1;
DROP TABLE heading;
