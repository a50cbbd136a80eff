DROP TABLE background_schedule;
DROP TABLE background_job;
