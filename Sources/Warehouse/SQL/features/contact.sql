-- The touches that features, values and promotional pages may know: executed, by people or to people, never medical.
-- grain: source × interaction_id, heads only (children have raised their parent's level)
-- keys: source, interaction_id
-- inputs: mart.touch, history.clock
CREATE OR REPLACE VIEW feature.contact AS
SELECT t.hcp_no, t.occurred_at, t.day, t.channel, t.direction, t.rep_id, t.content_id, t.product_id, t.level,
  t.duration_seconds, t.responded_at, k.as_of,
  CAST(k.as_of - t.day AS INTEGER) AS age
FROM mart.touch AS t, history.clock AS k
WHERE t.head AND NOT t.medical AND NOT t.machine AND t.occurred_at <= k.as_of_end
  AND (t.status IS NULL OR t.status IN ('sent', 'delivered', 'uncertain'));
