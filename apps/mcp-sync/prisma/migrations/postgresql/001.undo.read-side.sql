DROP TABLE dead_letter;
DROP TABLE event_log;
DROP TABLE note_text_segment;
DROP TABLE heading;
DROP TABLE tag;
DROP TABLE link;
DROP TABLE note;
