ALTER TABLE write_group DROP COLUMN owner;
DROP TABLE vault_progress;
DROP TABLE path_lock;
DROP TABLE lease;
