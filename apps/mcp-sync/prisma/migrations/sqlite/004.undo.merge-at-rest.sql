INSERT INTO note_text (note_text, rank) VALUES ('automerge', 8);
INSERT INTO note_text (note_text, rank) VALUES ('crisismerge', 16);
INSERT INTO note_text (note_text, rank) VALUES ('usermerge', 4);
