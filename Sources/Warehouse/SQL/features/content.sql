-- One version of each content: the newest that may be distributed on the as-of day, else the newest known.
-- grain: content_id
-- keys: content_id
-- inputs: canon.content, mart.code, history.clock, history.source
--
-- A new draft does not hide the approved version that is still in use.
CREATE OR REPLACE TABLE mart.content AS
WITH spelled AS (
  SELECT c.*, coalesce(s.priority, 1000) AS priority, k.as_of_end,
    translate(lower(trim(c.topic)), ' -/&,()', '_______') AS topic_key,
    translate(lower(trim(c.format)), ' -/&,()', '_______') AS format_key,
    replace(replace(replace(translate(lower(trim(c.mlr_state)), ' -', '__'), '__c', ''), '_vod', ''), '__v', '')
      AS state_key
  FROM canon.content AS c LEFT JOIN history.source AS s ON s.source = c.source, history.clock AS k
),
meant AS (
  SELECT c.*, coalesce(t.canonical, c.topic_key) AS topic_name, coalesce(f.canonical, c.format_key) AS format_name,
    coalesce(m.canonical, c.state_key, 'draft') AS state_name
  FROM spelled AS c
  LEFT JOIN mart.code AS t ON t.kind = 'topic' AND t.synonym = c.topic_key
  LEFT JOIN mart.code AS f ON f.kind = 'format' AND f.synonym = c.format_key
  LEFT JOIN mart.code AS m ON m.kind = 'mlr_state' AND m.synonym = c.state_key
)
SELECT content_id, version, title, topic_name AS topic, format_name AS format, product_id,
  lower(coalesce(purpose, 'promotional')) AS purpose, audience, indication, channels, language, countries,
  state_name AS mlr_state, approved_at, expires_at
FROM (
  SELECT *, row_number() OVER (
    PARTITION BY content_id
    ORDER BY CASE WHEN state_name = 'approved_for_distribution' AND (expires_at IS NULL OR expires_at >= as_of_end)
        THEN 0 ELSE 1 END,
      priority, length(coalesce(version, '')) DESC, version DESC, known_at DESC) AS n
  FROM meant
) AS ranked
WHERE n = 1
ORDER BY content_id;
