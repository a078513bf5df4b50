-- What the children of the changed touches say about them.
-- grain: source × parent interaction_id, changed ones
-- keys: source, interaction_id
-- inputs: feature.touch_child_row, feature.touch_change
CREATE OR REPLACE TABLE feature.touch_child AS
SELECT source, interaction_id, max(level) AS level, min(CASE WHEN level > 0 THEN occurred_at END) AS responded_at,
  max(bounced) AS bounced
FROM feature.touch_child_row
WHERE interaction_id IN (SELECT interaction_id FROM feature.touch_change)
GROUP BY source, interaction_id;
