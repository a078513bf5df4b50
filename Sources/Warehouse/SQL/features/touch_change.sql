-- Which touches are not what they were when mart.touch was last brought up to date.
-- grain: interaction_id (of whatever source: two sources that share an id are both brought up to date)
-- keys: interaction_id
-- inputs: history.interaction, history.clock, history.mart_state, history.touch_xref, mart.xref
--
-- A row changes by a new delivery, by becoming known, superseded, due or answered between the two as-of days, by its
-- HCP's identity; and with a child changes its parent.
CREATE OR REPLACE TABLE feature.touch_moved AS
SELECT coalesce(n.source, o.source) AS source, coalesce(n.source_hcp_id, o.source_hcp_id) AS hcp_id
FROM mart.xref AS n
FULL JOIN history.touch_xref AS o ON o.source_hcp_id = n.source_hcp_id AND o.source = n.source
WHERE n.hcp_no IS NULL OR o.hcp_no IS NULL OR n.hcp_no <> o.hcp_no;

CREATE OR REPLACE TABLE feature.touch_change AS
WITH changed AS (
  SELECT i.interaction_id, i.parent_interaction_id
  FROM history.interaction AS i, history.clock AS k,
    (SELECT as_of_end, delivery_no FROM history.mart_state WHERE stage = 'features/touch') AS s
  WHERE i.delivery_no > s.delivery_no
    OR (i.known_at > s.as_of_end AND i.known_at <= k.as_of_end)
    OR (i.superseded_at > s.as_of_end AND i.superseded_at <= k.as_of_end)
    OR (i.occurred_at > s.as_of_end AND i.occurred_at <= k.as_of_end)
    OR (i.responded_at > s.as_of_end AND i.responded_at <= k.as_of_end)
  UNION ALL
  SELECT i.interaction_id, i.parent_interaction_id
  FROM history.interaction AS i
  WHERE EXISTS (SELECT 1 FROM feature.touch_moved AS m WHERE m.hcp_id = i.hcp_id AND m.source = i.source)
)
SELECT interaction_id FROM changed
UNION
SELECT parent_interaction_id FROM changed WHERE parent_interaction_id IS NOT NULL;
