-- Links to a file are found by the key that they name it with; an index of their targets took a third of the time of writing them.
DROP INDEX link_by_target;

-- Headings are only ever wanted with their note, and a row for each took as long as all notes' texts.
ALTER TABLE note ADD COLUMN headings TEXT NOT NULL DEFAULT '[]';
UPDATE note SET headings = (
  SELECT json_group_array(json_object('level', level, 'text', text, 'line', line) ORDER BY ordinal)
  FROM heading WHERE heading.note_id = note.id
) WHERE is_note = 1;
DROP TABLE heading;
