-- One round of giving an NPI to records without one, along links, strongest rule first. A record between two NPIs of
-- the same strength belongs to neither: conflicting NPIs never merge, not even over a third record.
-- grain: rec (updates resolve.person)
-- keys: rec
-- inputs: resolve.person, resolve.link
-- repeat: SELECT count(*) FROM resolve.person WHERE strength IS NOT NULL
CREATE OR REPLACE TABLE resolve.person_npi AS
WITH reached AS (
  SELECT DISTINCT mine.rec, mine.strength, mine.rule, p.npi
  FROM resolve.link AS mine
  JOIN resolve.link AS other ON other.key = mine.key AND other.rec <> mine.rec
  JOIN resolve.person AS p ON p.rec = other.rec AND p.npi IS NOT NULL
  JOIN resolve.person AS me ON me.rec = mine.rec AND me.strength IS NULL
),
best AS (SELECT rec, min(strength) AS strength FROM reached GROUP BY rec)
SELECT r.rec, b.strength, min(r.rule) AS rule, min(r.npi) AS npi, count(DISTINCT r.npi) AS people
FROM reached AS r JOIN best AS b ON b.rec = r.rec AND b.strength = r.strength
GROUP BY r.rec, b.strength;

UPDATE resolve.person SET
  npi = (SELECT CASE WHEN n.people = 1 THEN n.npi END FROM resolve.person_npi AS n WHERE n.rec = resolve.person.rec),
  strength = (SELECT CASE WHEN n.people = 1 THEN n.strength ELSE -1 END
    FROM resolve.person_npi AS n WHERE n.rec = resolve.person.rec),
  rule = (SELECT CASE WHEN n.people = 1 THEN n.rule ELSE 'alone' END
    FROM resolve.person_npi AS n WHERE n.rec = resolve.person.rec)
WHERE rec IN (SELECT rec FROM resolve.person_npi);
