ALTER TABLE write_group DROP COLUMN links_left;
