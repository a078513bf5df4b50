-- One round of joining linked records without any NPI: each takes the smallest label among those it shares a key with.
-- grain: rec (updates resolve.person)
-- keys: rec
-- inputs: resolve.person, resolve.link
-- repeat: SELECT coalesce(sum(label), 0) FROM resolve.person
CREATE OR REPLACE TABLE resolve.person_label AS
WITH free AS (
  SELECT l.rec, l.key, l.strength, l.rule, p.label
  FROM resolve.link AS l JOIN resolve.person AS p ON p.rec = l.rec
  WHERE p.npi IS NULL AND p.strength IS NULL
),
lowest AS (SELECT key, min(label) AS label FROM free GROUP BY key HAVING count(*) > 1)
SELECT f.rec, min(o.label) AS label, min(f.strength) AS strength
FROM free AS f JOIN lowest AS o ON o.key = f.key
GROUP BY f.rec;

UPDATE resolve.person SET
  label = (SELECT n.label FROM resolve.person_label AS n WHERE n.rec = resolve.person.rec),
  rule = (SELECT CASE n.strength WHEN 0 THEN 'review' WHEN 5 THEN 'match' WHEN 1 THEN 'source id' WHEN 2 THEN 'licence' WHEN 3 THEN 'identifier'
      ELSE 'e-mail' END FROM resolve.person_label AS n WHERE n.rec = resolve.person.rec)
WHERE rec IN (SELECT rec FROM resolve.person_label);
