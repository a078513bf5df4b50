-- Which channels a segment answers on, by quarter: the same figures as report.preference, for people grouped by rule.
-- grain: segment_no × channel × period
-- keys: segment_no, channel, period (first day of the quarter)
-- inputs: feature.contact, insight.hcp_segment
CREATE OR REPLACE TABLE report.segment_preference AS
WITH counted AS (
  SELECT s.segment_no, t.channel, CAST(date_trunc('quarter', t.day) AS DATE) AS period, count(*) AS contacts,
    count(CASE WHEN t.level >= 2 THEN 1 END) AS engaged
  FROM feature.contact AS t JOIN insight.hcp_segment AS s ON s.hcp_no = t.hcp_no
  GROUP BY s.segment_no, t.channel, CAST(date_trunc('quarter', t.day) AS DATE)
)
SELECT segment_no, channel, period, contacts, engaged, CAST(engaged AS DOUBLE) / contacts AS rate,
  CASE WHEN sum(engaged) OVER (PARTITION BY segment_no, period) > 0
    THEN CAST(engaged AS DOUBLE) / sum(engaged) OVER (PARTITION BY segment_no, period) ELSE 0 END AS share
FROM counted
ORDER BY segment_no, period, channel;
