-- Which topics and formats a specialty answers to, and how often it was shown them.
-- grain: specialty × topic × format
-- keys: specialty, topic, format
-- inputs: mart.feature_hcp_topic, mart.hcp
CREATE OR REPLACE TABLE report.topic_preference AS
SELECT h.specialty, t.topic, t.format, CAST(sum(t.views) AS BIGINT) AS views,
  CAST(sum(t.engaged) AS BIGINT) AS engaged,
  (sum(t.engaged) + 1.0) / (sum(t.views) + 4.0) AS rate
FROM mart.feature_hcp_topic AS t JOIN mart.hcp AS h ON h.hcp_no = t.hcp_no
GROUP BY h.specialty, t.topic, t.format
HAVING sum(t.views) > 0
ORDER BY h.specialty, rate DESC, t.topic, t.format;
