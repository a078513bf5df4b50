-- Where each value of a golden record comes from: the first record, in order of place, that has the value at all.
-- grain: hcp_no × column_name
-- keys: hcp_no, column_name
-- inputs: mart.hcp_record
--
-- A view: pages ask for one HCP, and nobody reads the millions of rows that it would have.
CREATE OR REPLACE VIEW mart.hcp_source AS
SELECT hcp_no, source, source_hcp_id, column_name, value_from, known_at FROM (
  SELECT hcp_no, source, source_hcp_id, column_name, value_from, known_at,
    row_number() OVER (PARTITION BY hcp_no, column_name ORDER BY place) AS n
  FROM (
    SELECT r.hcp_no, r.place, r.source, r.source_hcp_id, r.known_at, c.column_name,
      CASE c.column_name
        WHEN 'npi' THEN r.npi WHEN 'first_name' THEN r.first_name WHEN 'last_name' THEN r.last_name
        WHEN 'credential' THEN r.credential WHEN 'profession' THEN r.profession
        WHEN 'stakeholder' THEN r.stakeholder WHEN 'specialty' THEN r.specialty
        WHEN 'primary_hco_id' THEN r.primary_hco_id WHEN 'email' THEN r.email WHEN 'phone' THEN r.phone
        WHEN 'address_line' THEN r.address_line WHEN 'city' THEN r.city WHEN 'region' THEN r.region
        WHEN 'postal_code' THEN r.postal_code WHEN 'country' THEN r.country
        WHEN 'latitude' THEN CAST(r.latitude AS VARCHAR) WHEN 'longitude' THEN CAST(r.longitude AS VARCHAR)
        WHEN 'timezone' THEN r.timezone WHEN 'language' THEN r.language WHEN 'access' THEN r.access
      END AS value_from
    FROM mart.hcp_record AS r, (
      VALUES ('npi'), ('first_name'), ('last_name'), ('credential'), ('profession'), ('stakeholder'), ('specialty'),
        ('primary_hco_id'), ('email'), ('phone'), ('address_line'), ('city'), ('region'), ('postal_code'),
        ('country'), ('latitude'), ('longitude'), ('timezone'), ('language'), ('access')
    ) AS c(column_name)
  ) AS cell
  WHERE value_from IS NOT NULL
) AS ranked
WHERE n = 1;
