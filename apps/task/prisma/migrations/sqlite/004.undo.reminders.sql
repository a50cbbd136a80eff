DROP INDEX task_not_all_told;
