ALTER TABLE write_group ADD COLUMN links_left TEXT NOT NULL DEFAULT '[]';
-- What is a link has changed: a file whose state differs is looked into again at the next start, without an event.
UPDATE manifest SET ctime_us = 0;
ALTER TABLE vault_progress ADD COLUMN complete INTEGER NOT NULL DEFAULT 0;
