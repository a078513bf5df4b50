-- Which topics and formats are answered, by quarter, specialty and segment: how the taste for content changes.
-- grain: specialty × segment_no × topic × format × period
-- keys: specialty, segment_no, topic, format, period (first day of the quarter)
-- inputs: feature.contact, mart.content, mart.hcp, insight.hcp_segment
--
-- Five quarters, so that the newest has the one of a year ago beside it. segment_no is 0 without segments.
CREATE OR REPLACE TABLE report.topic_change AS
WITH seen AS (
  SELECT t.hcp_no, c.topic, c.format, CAST(date_trunc('quarter', t.day) AS DATE) AS period, count(*) AS reached,
    count(CASE WHEN t.level >= 2 THEN 1 END) AS engaged
  FROM feature.contact AS t JOIN mart.content AS c ON c.content_id = t.content_id
  WHERE t.level >= 1 AND t.age < 460 AND c.topic IS NOT NULL AND c.format IS NOT NULL
  GROUP BY t.hcp_no, c.topic, c.format, CAST(date_trunc('quarter', t.day) AS DATE)
)
SELECT h.specialty, coalesce(s.segment_no, 0) AS segment_no, e.topic, e.format, e.period,
  CAST(sum(e.reached) AS BIGINT) AS reached, CAST(sum(e.engaged) AS BIGINT) AS engaged
FROM seen AS e JOIN mart.hcp AS h ON h.hcp_no = e.hcp_no
LEFT JOIN insight.hcp_segment AS s ON s.hcp_no = e.hcp_no
GROUP BY h.specialty, coalesce(s.segment_no, 0), e.topic, e.format, e.period
ORDER BY h.specialty, segment_no, e.topic, e.format, e.period;
