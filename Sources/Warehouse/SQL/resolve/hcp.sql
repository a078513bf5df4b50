-- The golden record: one row per person, every column from the best source that has a value; nulls never win.
-- grain: hcp_no
-- keys: hcp_no, hcp_id
-- inputs: mart.hcp_record, resolve.numbered, mart.hco, mart.affiliation, history.market
CREATE OR REPLACE TABLE mart.hcp AS
WITH several AS (SELECT hcp_no FROM mart.hcp_record WHERE place = 2),
golden AS (
  -- Most people have one record, and one record needs no choosing.
  SELECT r.hcp_no,
    r.npi, r.first_name, r.last_name, r.credential, r.profession, r.stakeholder, r.specialty, r.primary_hco_id,
    r.email, r.phone, r.address_line, r.city, r.region, r.postal_code, r.country, r.latitude, r.longitude,
    r.timezone, r.language, r.access,
    r.opted_out, 1 AS sources
  FROM mart.hcp_record AS r
  WHERE r.hcp_no NOT IN (SELECT hcp_no FROM several)
  UNION ALL
  SELECT r.hcp_no,
    min_by(r.npi, r.place) FILTER (WHERE r.npi IS NOT NULL),
    min_by(r.first_name, r.place) FILTER (WHERE r.first_name IS NOT NULL),
    min_by(r.last_name, r.place) FILTER (WHERE r.last_name IS NOT NULL),
    min_by(r.credential, r.place) FILTER (WHERE r.credential IS NOT NULL),
    min_by(r.profession, r.place) FILTER (WHERE r.profession IS NOT NULL),
    min_by(r.stakeholder, r.place) FILTER (WHERE r.stakeholder IS NOT NULL),
    min_by(r.specialty, r.place) FILTER (WHERE r.specialty IS NOT NULL),
    min_by(r.primary_hco_id, r.place) FILTER (WHERE r.primary_hco_id IS NOT NULL),
    min_by(r.email, r.place) FILTER (WHERE r.email IS NOT NULL),
    min_by(r.phone, r.place) FILTER (WHERE r.phone IS NOT NULL),
    min_by(r.address_line, r.place) FILTER (WHERE r.address_line IS NOT NULL),
    min_by(r.city, r.place) FILTER (WHERE r.city IS NOT NULL),
    min_by(r.region, r.place) FILTER (WHERE r.region IS NOT NULL),
    min_by(r.postal_code, r.place) FILTER (WHERE r.postal_code IS NOT NULL),
    min_by(r.country, r.place) FILTER (WHERE r.country IS NOT NULL),
    min_by(r.latitude, r.place) FILTER (WHERE r.latitude IS NOT NULL),
    min_by(r.longitude, r.place) FILTER (WHERE r.longitude IS NOT NULL),
    min_by(r.timezone, r.place) FILTER (WHERE r.timezone IS NOT NULL),
    min_by(r.language, r.place) FILTER (WHERE r.language IS NOT NULL),
    min_by(r.access, r.place) FILTER (WHERE r.access IS NOT NULL),
    bool_or(r.opted_out), count(DISTINCT r.source)
  FROM mart.hcp_record AS r JOIN several AS s ON s.hcp_no = r.hcp_no
  GROUP BY r.hcp_no
),
workplace AS (
  SELECT hcp_no, hco_id FROM (
    SELECT hcp_no, hco_id, row_number() OVER (
      PARTITION BY hcp_no ORDER BY coalesce(strength, 0) DESC, hco_id) AS n
    FROM mart.affiliation
  ) AS ranked WHERE n = 1
)
SELECT
  g.hcp_no, i.hcp_id, g.npi, g.first_name, g.last_name, g.credential, g.profession,
  coalesce(g.stakeholder, 'clinical') AS stakeholder, g.specialty,
  coalesce(g.primary_hco_id, w.hco_id) AS primary_hco_id, o.name AS hco_name, g.email, g.phone,
  coalesce(g.address_line, o.address_line) AS address_line, coalesce(g.city, o.city) AS city,
  coalesce(g.region, o.region) AS region, coalesce(g.postal_code, o.postal_code) AS postal_code,
  coalesce(g.country, o.country) AS country, coalesce(g.latitude, o.latitude) AS latitude,
  coalesce(g.longitude, o.longitude) AS longitude, g.timezone, g.language, coalesce(g.access, 'open') AS access,
  g.opted_out OR coalesce(m.hides_volume, FALSE) AS hides_volume,
  CAST(g.sources AS INTEGER) AS sources
FROM golden AS g
JOIN resolve.numbered AS i ON i.hcp_no = g.hcp_no
LEFT JOIN workplace AS w ON w.hcp_no = g.hcp_no
LEFT JOIN mart.hco AS o ON o.hco_id = coalesce(g.primary_hco_id, w.hco_id)
LEFT JOIN history.market AS m ON m.country = coalesce(g.country, o.country)
ORDER BY g.hcp_no;
