-- What the children of each touch say about it, all history.
-- grain: source × parent interaction_id
-- keys: source, interaction_id
-- inputs: feature.touch_child_row
CREATE OR REPLACE TABLE feature.touch_child AS
SELECT source, interaction_id, max(level) AS level, min(CASE WHEN level > 0 THEN occurred_at END) AS responded_at,
  max(bounced) AS bounced
FROM feature.touch_child_row
GROUP BY source, interaction_id;
