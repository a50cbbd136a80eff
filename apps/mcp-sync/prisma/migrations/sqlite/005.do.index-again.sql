-- Words are cut and folded otherwise, and more links are found: an empty index is filled anew at the next start.
DELETE FROM note_text;
DELETE FROM link;
DELETE FROM tag;
DELETE FROM note;
