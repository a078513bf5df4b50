-- The start of the partition: an NPI is a person; every other record is its own person until a link says more.
-- grain: rec
-- keys: rec; label (records of one label are one person: the smallest rec among them)
-- inputs: resolve.record, resolve.link
--
-- Links are not read here; but where they have changed, the rounds that follow must begin anew.
CREATE OR REPLACE TABLE resolve.person AS
SELECT
  rec,
  npi,
  -- 0 own NPI, 1 … the round's strength that gave it one, -1 torn between two people and therefore left alone
  CASE WHEN npi IS NULL THEN NULL ELSE 0 END AS strength,
  CASE WHEN npi IS NULL THEN rec ELSE min(rec) OVER (PARTITION BY npi) END AS label,
  CASE WHEN npi IS NOT NULL AND count(*) OVER (PARTITION BY npi) > 1 THEN 'npi' ELSE 'alone' END AS rule
FROM resolve.record;
