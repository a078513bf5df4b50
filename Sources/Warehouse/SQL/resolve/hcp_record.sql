-- Every source's record of every golden HCP, in the order in which its values win.
-- grain: hcp_no × source record
-- keys: hcp_no, place (1 wins first: source priority, then the record known last)
-- inputs: canon.hcp, canon.identifier, resolve.component, mart.xref, mart.code
CREATE OR REPLACE TABLE mart.hcp_record AS
WITH opted AS (
  SELECT DISTINCT source, subject_id FROM canon.identifier
  WHERE subject_kind = 'hcp' AND lower(scheme) = 'pdrp'
    AND lower(coalesce(value, 'opt_out')) IN ('opt_out', 'opt-out', 'optout', 'true', 'yes', 'y', '1')
    AND lower(coalesce(status, 'active')) NOT IN ('inactive', 'revoked', 'expired', 'withdrawn')
),
record AS (
  SELECT x.hcp_no, h.source, h.hcp_id AS source_hcp_id, x.rule, c.rec, c.priority, h.known_at, c.npi AS person_npi,
    CASE WHEN trim(h.npi) = c.npi THEN c.npi END AS own_npi,
    h.first_name, h.last_name, h.credential, h.profession, h.stakeholder, h.specialty AS specialty_text,
    translate(lower(trim(h.specialty)), ' -/&,()', '_______') AS specialty_key,
    h.primary_hco_id, h.email, h.phone, h.address_line, h.city, h.region, h.postal_code, h.country, h.latitude,
    h.longitude, h.timezone, h.language, h.access,
    o.subject_id IS NOT NULL
      OR (h.traits LIKE '%prescriber_opt_out%'
        AND lower(json_extract_string(h.traits, '$.prescriber_opt_out')) IN ('true', '1', 'yes', 'y')) AS opted_out
  FROM canon.hcp AS h
  JOIN resolve.component AS c ON c.source = h.source AND c.source_hcp_id = h.hcp_id
  JOIN mart.xref AS x ON x.source = h.source AND x.source_hcp_id = h.hcp_id
  LEFT JOIN opted AS o ON o.source = h.source AND o.subject_id = h.hcp_id
)
SELECT
  r.hcp_no,
  CAST(row_number() OVER (PARTITION BY r.hcp_no ORDER BY r.priority, r.known_at DESC, r.rec) AS INTEGER) AS place,
  r.source, r.source_hcp_id, r.rule, r.priority, r.known_at,
  coalesce(r.own_npi, r.person_npi) AS npi, r.first_name, r.last_name, r.credential, r.profession,
  lower(r.stakeholder) AS stakeholder,
  coalesce(k.canonical, regexp_replace(r.specialty_key, '_+', '_', 'g')) AS specialty,
  r.primary_hco_id, r.email, r.phone, r.address_line, r.city, r.region, r.postal_code, r.country, r.latitude,
  r.longitude, r.timezone, r.language, r.access, coalesce(r.opted_out, FALSE) AS opted_out
FROM record AS r
LEFT JOIN mart.code AS k ON k.kind = 'specialty' AND k.synonym = regexp_replace(r.specialty_key, '_+', '_', 'g')
ORDER BY r.hcp_no, 2;
