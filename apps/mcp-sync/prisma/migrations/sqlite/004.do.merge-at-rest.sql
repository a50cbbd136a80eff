-- Words are merged with a few notes or at a rest, never while many notes are indexed, which took an eighth of the time;
-- 64 parts are merged at once in any case.
INSERT INTO note_text (note_text, rank) VALUES ('automerge', 0);
INSERT INTO note_text (note_text, rank) VALUES ('crisismerge', 64);
INSERT INTO note_text (note_text, rank) VALUES ('usermerge', 8);
