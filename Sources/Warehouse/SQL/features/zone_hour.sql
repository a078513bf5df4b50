-- What the clock shows in each zone at each hour of the last year: a conversion per zone and hour, not per touch.
-- grain: timezone × hour since 1970
-- keys: zone_hour (zone_no × 1,000,000 + hour)
-- inputs: mart.hcp, history.clock
--
-- Unknown zones are UTC. Zone changes fall on whole hours (Lord Howe's half hour is read an hour apart twice a year).
CREATE OR REPLACE TABLE feature.zone AS
SELECT CAST(row_number() OVER (ORDER BY timezone) AS BIGINT) AS zone_no, timezone, timezone IN (
  SELECT name FROM pg_timezone_names()) AS known
FROM (SELECT DISTINCT timezone FROM mart.hcp WHERE timezone IS NOT NULL) AS named;

CREATE OR REPLACE TABLE feature.zone_hour AS
SELECT z.zone_no * 1000000 + h.hour AS zone_hour,
  CAST((epoch(timezone(z.timezone, to_timestamp(h.hour * 3600))) - h.hour * 3600) / 60 AS INTEGER) AS minutes_ahead
FROM feature.zone AS z, (
  SELECT CAST(unnest(generate_series(CAST(floor(epoch(as_of_end) / 3600) AS BIGINT) - 366 * 24,
    CAST(floor(epoch(as_of_end) / 3600) AS BIGINT) + 24)) AS BIGINT) AS hour FROM history.clock) AS h
WHERE z.known;
