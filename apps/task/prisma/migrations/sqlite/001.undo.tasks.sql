DROP TABLE lease;
DROP TABLE request_key;
DROP TABLE project;
DROP TABLE task_comment;
DROP TABLE task_pin;
DROP TABLE task_note;
DROP TABLE task_tag;
DROP TABLE task;
