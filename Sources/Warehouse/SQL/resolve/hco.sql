-- Organisations, one row per identifier: the best source's row wins as a whole.
-- grain: hco_id
-- keys: hco_no, hco_id
-- inputs: canon.hco, history.source
CREATE OR REPLACE TABLE mart.hco AS
SELECT
  CAST(row_number() OVER (ORDER BY hco_id) - 1 AS INTEGER) AS hco_no, hco_id, name, kind, parent_hco_id, address_line,
  city, region, postal_code, country, latitude, longitude, beds, source, known_at
FROM (
  SELECT o.*, row_number() OVER (
    PARTITION BY o.hco_id ORDER BY coalesce(s.priority, 1000), o.known_at DESC, o.source) AS n
  FROM canon.hco AS o LEFT JOIN history.source AS s ON s.source = o.source
) AS ranked
WHERE n = 1
ORDER BY hco_id;
