DROP TABLE idempotency;
DROP TABLE version;
DROP TABLE content;
DROP TABLE write_intent;
DROP TABLE write_group;
DROP TABLE manifest;
