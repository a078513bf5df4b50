-- Where a golden HCP can be found: the addresses of the own records and of the places worked at, each once.
-- grain: hcp_no × address
-- keys: hcp_no, place (1 = the golden record's own)
-- inputs: mart.hcp_record, mart.affiliation, mart.hco
--
-- One HCP at several practices is one person with several places, not several persons. Addresses are told apart by
-- postal code and street in lower case without punctuation. A table: to plan the windows for one HCP's page takes longer
-- than to do them for everybody.
DROP VIEW IF EXISTS insight.practice;
CREATE OR REPLACE TABLE insight.workplace AS
WITH named AS (
  SELECT r.hcp_no, r.place AS ord, CAST(NULL AS VARCHAR) AS hco_id, CAST(NULL AS VARCHAR) AS name, r.address_line,
    r.city, r.postal_code, r.country
  FROM mart.hcp_record AS r WHERE r.address_line IS NOT NULL OR r.postal_code IS NOT NULL
  UNION ALL
  SELECT a.hcp_no, 1000 + row_number() OVER (PARTITION BY a.hcp_no ORDER BY coalesce(a.strength, 0) DESC, a.hco_id),
    a.hco_id, o.name, o.address_line, o.city, o.postal_code, o.country
  FROM mart.affiliation AS a JOIN mart.hco AS o ON o.hco_id = a.hco_id
  WHERE o.address_line IS NOT NULL OR o.postal_code IS NOT NULL
),
keyed AS (
  SELECT *, lower(coalesce(postal_code, '')) || '|' || translate(lower(coalesce(address_line, '')), ' .,-/''#', '')
    AS address_key
  FROM named
),
first AS (
  SELECT *, row_number() OVER (PARTITION BY hcp_no, address_key ORDER BY ord) AS n,
    max(hco_id) OVER (PARTITION BY hcp_no, address_key) AS site,
    max(name) OVER (PARTITION BY hcp_no, address_key) AS site_name,
    count(*) OVER (PARTITION BY hcp_no, address_key) AS mentions
  FROM keyed
)
SELECT hcp_no, CAST(row_number() OVER (PARTITION BY hcp_no ORDER BY ord) AS INTEGER) AS place, site AS hco_id,
  site_name AS name, address_line, city, postal_code, country, CAST(mentions AS INTEGER) AS mentions
FROM first WHERE n = 1 ORDER BY hcp_no, place;
