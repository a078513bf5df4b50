-- Which channels a specialty answers on, by quarter.
-- grain: specialty × channel × period
-- keys: specialty, channel, period (first day of the quarter)
-- inputs: feature.contact, mart.hcp
--
-- rate: engaged per contact; share: this channel's part of what the specialty engaged with in the quarter.
CREATE OR REPLACE TABLE report.preference AS
WITH counted AS (
  SELECT h.specialty, t.channel, CAST(date_trunc('quarter', t.day) AS DATE) AS period, count(*) AS contacts,
    count(CASE WHEN t.level >= 2 THEN 1 END) AS engaged
  FROM feature.contact AS t JOIN mart.hcp AS h ON h.hcp_no = t.hcp_no
  GROUP BY h.specialty, t.channel, CAST(date_trunc('quarter', t.day) AS DATE)
)
SELECT specialty, channel, period, contacts, engaged, CAST(engaged AS DOUBLE) / contacts AS rate,
  CASE WHEN sum(engaged) OVER (PARTITION BY specialty, period) > 0
    THEN CAST(engaged AS DOUBLE) / sum(engaged) OVER (PARTITION BY specialty, period) ELSE 0 END AS share
FROM counted
ORDER BY specialty, period, channel;
