-- Numbers of specialties, given once and never changed.
-- grain: specialty
-- keys: specialty_no, specialty
-- inputs: mart.hcp, history.specialty
INSERT INTO history.specialty (specialty_no, specialty)
SELECT (SELECT coalesce(max(specialty_no), -1) FROM history.specialty) + row_number() OVER (ORDER BY specialty),
  specialty
FROM (SELECT DISTINCT specialty FROM mart.hcp WHERE specialty IS NOT NULL) AS named
WHERE specialty NOT IN (SELECT specialty FROM history.specialty);

CREATE OR REPLACE TABLE mart.specialty AS
SELECT CAST(specialty_no AS INTEGER) AS specialty_no, specialty FROM history.specialty ORDER BY specialty_no;
