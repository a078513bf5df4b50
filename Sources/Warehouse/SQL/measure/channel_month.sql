-- What was done and what came back, by month and channel.
-- grain: month × channel × direction
-- keys: month, channel, direction
-- inputs: feature.contact
CREATE OR REPLACE TABLE report.channel_month AS
SELECT CAST(date_trunc('month', day) AS DATE) AS month, channel, direction, count(*) AS touches,
  count(CASE WHEN level >= 1 THEN 1 END) AS reached, count(CASE WHEN level >= 2 THEN 1 END) AS engaged,
  count(CASE WHEN level >= 3 THEN 1 END) AS advanced
FROM feature.contact
GROUP BY CAST(date_trunc('month', day) AS DATE), channel, direction
ORDER BY month, channel, direction;
