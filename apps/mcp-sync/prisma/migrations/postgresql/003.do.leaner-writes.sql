-- A link that its name alone resolves is found by it when it is read, instead of being written whenever a file comes or
-- goes; what is there is chosen already, and what an older release still writes is.
ALTER TABLE link ADD COLUMN chosen INTEGER NOT NULL DEFAULT 1;
DROP INDEX link_by_key;
CREATE INDEX link_by_key ON link (vault_id, link_key, chosen);
