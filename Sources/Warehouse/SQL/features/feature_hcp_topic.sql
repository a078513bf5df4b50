-- What each HCP looks at: contents that reached the HCP within a year, by topic and format.
-- grain: hcp_no × topic × format
-- keys: hcp_no, topic, format
-- inputs: feature.contact, mart.content
--
-- affinity: 1 for reached, 3 for engaged, 5 for advanced, halved every 90 days; added up in whole billionths of a
-- thousandth, since the last bit of a parallel sum of fractions differs from run to run.
CREATE OR REPLACE TABLE mart.feature_hcp_topic AS
SELECT t.hcp_no, c.topic, c.format, CAST(count(*) AS INTEGER) AS views,
  CAST(count(CASE WHEN t.level >= 2 THEN 1 END) AS INTEGER) AS engaged,
  CAST(sum(CAST(round(1e12 * CASE t.level WHEN 1 THEN 1.0 WHEN 2 THEN 3.0 ELSE 5.0 END * power(0.5, t.age / 90.0))
    AS BIGINT)) AS DOUBLE) / 1e12 AS affinity
FROM feature.contact AS t JOIN mart.content AS c ON c.content_id = t.content_id
WHERE t.level >= 1 AND t.age < 365 AND c.topic IS NOT NULL AND c.format IS NOT NULL
GROUP BY t.hcp_no, c.topic, c.format
ORDER BY t.hcp_no, affinity DESC, c.topic, c.format;
