ALTER TABLE write_intent DROP COLUMN detached;
