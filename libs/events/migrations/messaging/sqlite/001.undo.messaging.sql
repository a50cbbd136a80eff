DROP TABLE subject_sequence;
DROP TABLE attempt;
DROP TABLE inbox;
DROP TABLE outbox;
