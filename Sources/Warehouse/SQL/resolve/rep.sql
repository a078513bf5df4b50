-- The people who call: one row per rep, the best source's row.
-- grain: rep_id
-- keys: rep_no, rep_id
-- inputs: canon.rep, history.source
CREATE OR REPLACE TABLE mart.rep AS
SELECT
  CAST(row_number() OVER (ORDER BY rep_id) - 1 AS INTEGER) AS rep_no, rep_id, name,
  coalesce(lower(kind), 'field') AS kind, team, territory_id, manager_id, CAST(minutes_per_day AS DOUBLE) AS minutes_per_day,
  timezone, email, home_latitude, home_longitude
FROM (
  SELECT r.*, row_number() OVER (
    PARTITION BY r.rep_id ORDER BY coalesce(s.priority, 1000), r.known_at DESC, r.source) AS n
  FROM canon.rep AS r LEFT JOIN history.source AS s ON s.source = r.source
) AS ranked
WHERE n = 1
ORDER BY rep_id;
