DROP TABLE schedule;
DROP TABLE job;
