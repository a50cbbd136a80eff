DROP INDEX task_by_note;
CREATE INDEX task_by_note ON task (vault_id, path);
