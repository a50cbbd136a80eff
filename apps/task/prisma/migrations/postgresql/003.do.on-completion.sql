ALTER TABLE task ADD COLUMN on_completion TEXT;
UPDATE task SET on_completion = 'delete' WHERE lower(raw) LIKE '%🏁 delete%' OR lower(raw) LIKE '%oncompletion:: delete%';
