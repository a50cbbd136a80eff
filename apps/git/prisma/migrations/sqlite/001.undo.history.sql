DROP TABLE lease;
DROP TABLE history_state;
DROP TABLE job;
DROP TABLE finding;
DROP TABLE decided_commit;
DROP TABLE pending_change;
