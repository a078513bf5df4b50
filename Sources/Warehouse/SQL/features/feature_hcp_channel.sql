-- How often and how well each channel reached each HCP. Touches are push; what the HCP began is counted apart.
-- grain: hcp_no × channel
-- keys: hcp_no, channel
-- inputs: feature.contact
--
-- response_rate: engaged / touches of 365 days, shrunk to the channel's own rate with the weight of five touches, so
-- that thin history says little.
CREATE OR REPLACE TABLE mart.feature_hcp_channel AS
WITH counted AS (
  SELECT hcp_no, channel,
    count(CASE WHEN direction = 'push' AND age < 90 THEN 1 END) AS touches_90d,
    count(CASE WHEN direction = 'push' AND age < 365 THEN 1 END) AS touches_365d,
    count(CASE WHEN direction = 'push' THEN 1 END) AS touches_all,
    count(CASE WHEN direction = 'push' AND age < 365 AND level >= 1 THEN 1 END) AS reached_365d,
    count(CASE WHEN direction = 'push' AND age < 365 AND level >= 2 THEN 1 END) AS engaged_365d,
    count(CASE WHEN direction = 'push' AND age < 365 AND level >= 3 THEN 1 END) AS advanced_365d,
    count(CASE WHEN direction = 'pull' AND age < 365 THEN 1 END) AS pull_365d,
    count(CASE WHEN direction = 'push' AND age < 30 THEN 1 END) AS touches_30d,
    count(CASE WHEN direction = 'pull' AND age < 90 THEN 1 END) AS pull_90d,
    min(CASE WHEN direction = 'push' THEN age END) AS push_age, min(age) AS recency_days,
    min(CASE WHEN level >= 2 THEN age END) AS engaged_age, max(as_of) AS as_of
  FROM feature.contact
  GROUP BY hcp_no, channel
),
market AS (
  SELECT channel, (sum(engaged_365d) + 1.0) / (sum(touches_365d) + 10.0) AS rate FROM counted GROUP BY channel
)
SELECT c.hcp_no, c.channel, CAST(c.touches_30d AS INTEGER) AS touches_30d,
  CAST(c.touches_90d AS INTEGER) AS touches_90d, CAST(c.touches_365d AS INTEGER) AS touches_365d,
  CAST(c.touches_all AS INTEGER) AS touches_all, CAST(c.reached_365d AS INTEGER) AS reached_365d,
  CAST(c.engaged_365d AS INTEGER) AS engaged_365d, CAST(c.advanced_365d AS INTEGER) AS advanced_365d,
  CAST(c.pull_90d AS INTEGER) AS pull_90d, CAST(c.pull_365d AS INTEGER) AS pull_365d,
  c.as_of - c.push_age AS last_push_day,
  c.as_of - c.recency_days AS last_day,
  c.as_of - c.engaged_age AS last_engaged_day, c.recency_days,
  (c.engaged_365d + 5.0 * m.rate) / (c.touches_365d + 5.0) AS response_rate
FROM counted AS c JOIN market AS m ON m.channel = c.channel
ORDER BY c.hcp_no, c.channel;
