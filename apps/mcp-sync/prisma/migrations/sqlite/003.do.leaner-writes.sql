-- A link that its name alone resolves is found by it when it is read, instead of being written whenever a file comes or
-- goes; what is there is chosen already, and what an older release still writes is.
ALTER TABLE link ADD COLUMN chosen INTEGER NOT NULL DEFAULT 1;
DROP INDEX link_by_key;
CREATE INDEX link_by_key ON link (vault_id, link_key, chosen);

-- Words are merged when there are eight parts of them instead of four: a vault is indexed in a few large transactions.
INSERT INTO note_text (note_text, rank) VALUES ('automerge', 8);

-- A part of the words fills a page of the file.
INSERT INTO note_text (note_text, rank) SELECT 'pgsz', page_size - 72 FROM pragma_page_size;
