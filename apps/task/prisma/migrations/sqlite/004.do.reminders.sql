-- Only what has something left to be told, which most open tasks of an old vault have not.
CREATE INDEX task_not_all_told ON task (vault_id, state, completed, due_key, id)
WHERE state = 'live' AND completed = 0 AND status <> 'cancelled'
  AND (due_told IS NULL OR due_told <> due_key OR overdue_told IS NULL OR overdue_told <> due_key);
