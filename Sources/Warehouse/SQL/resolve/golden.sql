-- Which golden identity each person has: the one founded by one of its records, the oldest when a link joined two;
-- else the one its records belonged to before; else a new one.
-- grain: person
-- keys: component; hcp_no; hcp_id
-- inputs: resolve.component, history.golden, history.golden_member, history.mart_state
--
-- A golden identity is its founding record. Nothing is ever renumbered: a merged identity keeps its row, so that the
-- same split later, or a replay of an earlier day, finds it again.
CREATE OR REPLACE TABLE resolve.founded AS
SELECT c.component, g.hcp_no, g.hcp_id
FROM resolve.component AS c
JOIN history.golden AS g ON g.source = c.source AND g.source_hcp_id = c.source_hcp_id;

CREATE OR REPLACE TABLE resolve.golden AS
WITH oldest AS (SELECT component, min(hcp_no) AS hcp_no FROM resolve.founded GROUP BY component),
-- The founding record may not be known yet as of an earlier day: then the other members carry the identity.
inherited AS (
  SELECT c.component, min(g.hcp_no) AS hcp_no
  FROM resolve.component AS c
  JOIN history.golden_member AS m ON m.source = c.source AND m.source_hcp_id = c.source_hcp_id
  JOIN history.golden AS g ON g.hcp_id = m.hcp_id
  WHERE c.component NOT IN (SELECT component FROM oldest)
    AND g.hcp_no NOT IN (SELECT hcp_no FROM resolve.founded)
  GROUP BY c.component
),
claimed AS (
  SELECT component, hcp_no FROM oldest
  UNION ALL
  SELECT min(component), hcp_no FROM inherited GROUP BY hcp_no
)
SELECT c.component, c.hcp_no, g.hcp_id FROM claimed AS c JOIN history.golden AS g ON g.hcp_no = c.hcp_no;

INSERT INTO history.golden (hcp_id, hcp_no, founded_run, source, source_hcp_id)
WITH fresh AS (
  SELECT c.component, c.source, c.source_hcp_id,
    row_number() OVER (PARTITION BY c.source_hcp_id ORDER BY c.component) AS homonym
  FROM resolve.component AS c
  WHERE c.rec = c.component AND c.component NOT IN (SELECT component FROM resolve.golden)
),
run AS (SELECT run_id FROM history.mart_state WHERE stage = 'run')
SELECT
  CASE WHEN f.homonym = 1 AND f.source_hcp_id NOT IN (SELECT hcp_id FROM history.golden) THEN f.source_hcp_id
    ELSE f.source || ':' || f.source_hcp_id END,
  (SELECT coalesce(max(hcp_no), -1) FROM history.golden) + row_number() OVER (ORDER BY f.component),
  run.run_id, f.source, f.source_hcp_id
FROM fresh AS f, run;

INSERT INTO resolve.golden (component, hcp_no, hcp_id)
SELECT c.component, g.hcp_no, g.hcp_id
FROM resolve.component AS c
JOIN history.golden AS g ON g.source = c.source AND g.source_hcp_id = c.source_hcp_id
WHERE c.rec = c.component AND c.component NOT IN (SELECT component FROM resolve.golden);

INSERT INTO history.golden_merge (merged_hcp_id, kept_hcp_id, run_id, as_of)
SELECT f.hcp_id, g.hcp_id, run.run_id, CAST(run.as_of_end AS DATE)
FROM resolve.founded AS f
JOIN resolve.golden AS g ON g.component = f.component AND g.hcp_no <> f.hcp_no,
  (SELECT run_id, as_of_end FROM history.mart_state WHERE stage = 'run') AS run
WHERE NOT EXISTS (
  SELECT 1 FROM history.golden_merge AS m WHERE m.merged_hcp_id = f.hcp_id AND m.kept_hcp_id = g.hcp_id);
