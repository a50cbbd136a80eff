ALTER TABLE vault_progress DROP COLUMN complete;
ALTER TABLE write_group DROP COLUMN links_left;
