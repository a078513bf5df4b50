-- Which records are one person, after the rounds.
-- grain: rec
-- keys: rec; component (the smallest rec of the person, which by the order of rec is its founding record)
-- inputs: resolve.record, resolve.person
CREATE OR REPLACE TABLE resolve.component AS
SELECT
  r.rec, r.source, r.source_hcp_id, r.priority, r.known_at, p.npi, p.rule,
  min(r.rec) OVER (PARTITION BY coalesce(p.npi, CAST(p.label AS VARCHAR))) AS component
FROM resolve.record AS r JOIN resolve.person AS p ON p.rec = r.rec;
