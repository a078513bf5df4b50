-- One row per source record of a person, with the keys by which records are linked.
-- grain: source × source_hcp_id
-- keys: rec (1 = the record that wins first: by source priority, then source, then id)
-- inputs: canon.hcp, canon.identifier, history.source
--
-- An NPI counts only when its check digit holds (Luhn over 80840 + NPI; the prefix adds 24): a mistyped number
-- must never join two people.
CREATE OR REPLACE TABLE resolve.record AS
WITH claimed AS (
  SELECT source, hcp_id, trim(npi) AS npi, 0 AS place FROM canon.hcp WHERE npi IS NOT NULL
  UNION ALL
  SELECT source, subject_id, trim(value), 1 FROM canon.identifier
  WHERE subject_kind = 'hcp' AND lower(scheme) = 'npi' AND value IS NOT NULL
    AND (status IS NULL OR lower(status) NOT IN ('inactive', 'revoked', 'invalid', 'deactivated'))
),
ten_digits AS (
  SELECT source, hcp_id, npi, place FROM claimed
  WHERE length(npi) = 10 AND translate(npi, '0123456789', '') = '' AND substr(npi, 1, 1) IN ('1', '2')
),
digits AS (
  SELECT source, hcp_id, npi, place,
    CAST(substr(npi, 1, 1) AS INTEGER) AS d1, CAST(substr(npi, 2, 1) AS INTEGER) AS d2,
    CAST(substr(npi, 3, 1) AS INTEGER) AS d3, CAST(substr(npi, 4, 1) AS INTEGER) AS d4,
    CAST(substr(npi, 5, 1) AS INTEGER) AS d5, CAST(substr(npi, 6, 1) AS INTEGER) AS d6,
    CAST(substr(npi, 7, 1) AS INTEGER) AS d7, CAST(substr(npi, 8, 1) AS INTEGER) AS d8,
    CAST(substr(npi, 9, 1) AS INTEGER) AS d9, CAST(substr(npi, 10, 1) AS INTEGER) AS d10
  FROM ten_digits
),
luhn AS (
  SELECT source, hcp_id, npi, place,
    24 + d2 + d4 + d6 + d8 + d10
    + 2 * (d1 + d3 + d5 + d7 + d9)
    - 9 * (CASE WHEN d1 > 4 THEN 1 ELSE 0 END + CASE WHEN d3 > 4 THEN 1 ELSE 0 END
      + CASE WHEN d5 > 4 THEN 1 ELSE 0 END + CASE WHEN d7 > 4 THEN 1 ELSE 0 END
      + CASE WHEN d9 > 4 THEN 1 ELSE 0 END) AS total
  FROM digits
),
valid AS (
  -- The column of the record itself outranks the identifier file.
  SELECT source, hcp_id, npi FROM (
    SELECT source, hcp_id, npi, row_number() OVER (PARTITION BY source, hcp_id ORDER BY place, npi) AS n
    FROM luhn WHERE total % 10 = 0
  ) AS ranked WHERE n = 1
)
SELECT
  row_number() OVER (
    ORDER BY coalesce(s.priority, 1000), CASE WHEN h.source = 'canonical' THEN 0 ELSE 1 END, h.source, h.hcp_id) AS rec,
  h.source AS source,
  h.hcp_id AS source_hcp_id,
  coalesce(s.priority, 1000) AS priority,
  h.known_at AS known_at,
  v.npi AS npi,
  lower(trim(h.email)) AS email,
  lower(trim(coalesce(h.last_name, ''))) AS last_name,
  lower(substr(trim(h.first_name), 1, 1)) AS initial
FROM canon.hcp AS h
LEFT JOIN history.source AS s ON s.source = h.source
LEFT JOIN valid AS v ON v.source = h.source AND v.hcp_id = h.hcp_id;
