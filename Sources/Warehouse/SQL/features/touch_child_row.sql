-- How a child of a touch (open, click, view, reply, question …) stands on the ladder. Machines say nothing.
-- grain: source × interaction_id of the child
-- keys: none (joined by source and parent interaction_id)
-- inputs: canon.interaction
--
-- The ladder of workspace.md: seen = 1 reached, used or answered = 2 engaged, asked = 3 advanced.
CREATE OR REPLACE VIEW feature.touch_child_row AS
SELECT source, parent_interaction_id AS interaction_id, occurred_at,
  CASE
    WHEN kind = 'question' OR response = 'advanced' THEN 3
    WHEN kind IN ('click', 'reply', 'attend') OR response = 'engaged'
      OR (kind = 'view' AND duration_seconds >= 30) THEN 2
    WHEN kind IN ('open', 'view') OR response = 'reached' THEN 1
    ELSE 0
  END AS level,
  CASE WHEN kind = 'bounce' THEN 1 ELSE 0 END AS bounced
FROM canon.interaction
WHERE parent_interaction_id IS NOT NULL AND kind <> 'touch' AND coalesce(machine, FALSE) = FALSE;
