-- When each HCP answers, on the HCP's own clock: hours of sending and hours of responding within a year.
-- grain: hcp_no × weekday × hour
-- keys: hcp_no, weekday (0 Monday … 6 Sunday), hour (0 … 23)
-- inputs: feature.contact, feature.zone, feature.zone_hour, mart.hcp
--
-- A response is a touch that reached the HCP (in a person's conversation: engaged), at the time of the answer.
-- score: responses per send of the hour, shrunk to the market's own hour with the weight of five sends: an hour that
-- was never tried has no row and is unknown, not bad.
CREATE OR REPLACE TABLE mart.feature_hcp_hour AS
WITH event AS (
  SELECT hcp_no, CAST(floor(epoch(occurred_at) / 60) AS BIGINT) AS minute, 1 AS send, 0 AS response
  FROM feature.contact WHERE direction = 'push' AND age < 365
  UNION ALL
  SELECT hcp_no, CAST(floor(epoch(coalesce(responded_at, occurred_at)) / 60) AS BIGINT), 0, 1
  FROM feature.contact
  WHERE age < 365 AND level >= CASE WHEN channel IN ('in_person', 'video', 'phone') THEN 2 ELSE 1 END
),
place AS (
  SELECT h.hcp_no, z.zone_no FROM mart.hcp AS h JOIN feature.zone AS z ON z.timezone = h.timezone AND z.known
),
local AS (
  -- One number for person and hour of the week: 1970-01-01 was a Thursday, hour 72 of its week.
  SELECT e.hcp_no * 168 + ((e.minute + coalesce(o.minutes_ahead, 0)) // 60 + 72) % 168 AS slot, e.send, e.response
  FROM event AS e
  LEFT JOIN place AS p ON p.hcp_no = e.hcp_no
  LEFT JOIN feature.zone_hour AS o ON o.zone_hour = p.zone_no * 1000000 + e.minute // 60
),
counted AS (SELECT slot, sum(send) AS sends, sum(response) AS responses FROM local GROUP BY slot),
market AS (
  SELECT slot % 168 AS week_hour, (sum(responses) + 1.0) / (greatest(sum(sends), sum(responses)) + 5.0) AS rate
  FROM counted GROUP BY slot % 168
)
SELECT CAST(c.slot // 168 AS INTEGER) AS hcp_no, CAST(c.slot % 168 // 24 AS INTEGER) AS weekday,
  CAST(c.slot % 24 AS INTEGER) AS hour, CAST(c.sends AS INTEGER) AS sends, CAST(c.responses AS INTEGER) AS responses,
  (c.responses + 5.0 * m.rate) / (greatest(c.sends, c.responses) + 5.0) AS score
FROM counted AS c JOIN market AS m ON m.week_hour = c.slot % 168
ORDER BY c.slot;
