-- One line per HCP: what everyone who decides or ranks wants to know first.
-- grain: hcp_no
-- keys: hcp_no
-- inputs: mart.hcp, mart.affiliation, mart.feature_hcp_channel, feature.volume, mart.feature_hcp_topic,
--   mart.feature_hcp_hour, mart.specialty
CREATE OR REPLACE TABLE mart.feature_hcp AS
WITH contact AS (
  SELECT hcp_no, max(last_push_day) AS last_touch_day, sum(touches_30d) AS touches_30d,
    sum(touches_365d) AS touches_365d, sum(engaged_365d) AS engaged_365d, sum(pull_90d) AS pull_90d
  FROM mart.feature_hcp_channel GROUP BY hcp_no
),
best_hour AS (
  SELECT hcp_no, weekday, hour FROM (
    SELECT hcp_no, weekday, hour, row_number() OVER (
      PARTITION BY hcp_no ORDER BY score DESC, responses DESC, weekday, hour) AS n
    FROM mart.feature_hcp_hour WHERE responses > 0
  ) AS ranked WHERE n = 1
),
top_topic AS (
  SELECT hcp_no, topic, format FROM (
    SELECT hcp_no, topic, format, row_number() OVER (
      PARTITION BY hcp_no ORDER BY affinity DESC, topic, format) AS n
    FROM mart.feature_hcp_topic
  ) AS ranked WHERE n = 1
),
affiliated AS (SELECT hcp_no, count(*) AS affiliations FROM mart.affiliation GROUP BY hcp_no)
SELECT h.hcp_no, v.volume_3m, v.volume_12m, v.volume_trend,
  CAST(coalesce(v.volume_decile, 0) AS UTINYINT) AS volume_decile,
  c.last_touch_day, CAST(coalesce(c.touches_30d, 0) AS INTEGER) AS touches_30d,
  CAST(coalesce(c.touches_365d, 0) AS INTEGER) AS touches_365d,
  CAST(coalesce(c.engaged_365d, 0) AS INTEGER) AS engaged_365d,
  CAST(coalesce(c.pull_90d, 0) AS INTEGER) AS pull_90d, b.weekday AS best_weekday, b.hour AS best_hour,
  t.topic AS top_topic, t.format AS top_format, CAST(coalesce(a.affiliations, 0) AS INTEGER) AS affiliations,
  s.specialty_no
FROM mart.hcp AS h
LEFT JOIN contact AS c ON c.hcp_no = h.hcp_no
LEFT JOIN feature.volume AS v ON v.hcp_no = h.hcp_no
LEFT JOIN best_hour AS b ON b.hcp_no = h.hcp_no
LEFT JOIN top_topic AS t ON t.hcp_no = h.hcp_no
LEFT JOIN affiliated AS a ON a.hcp_no = h.hcp_no
LEFT JOIN mart.specialty AS s ON s.specialty = h.specialty
ORDER BY h.hcp_no;
