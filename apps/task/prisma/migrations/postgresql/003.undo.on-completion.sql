ALTER TABLE task DROP COLUMN on_completion;
