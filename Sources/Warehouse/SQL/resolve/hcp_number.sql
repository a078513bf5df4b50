-- The row numbers of golden HCPs: 0, 1, 2 … without holes, since columns are addressed by them. Everybody keeps the
-- number of the last run; who is new takes the next one. When somebody went (a merge, a replay of an earlier day), the
-- last numbers move into the holes, so that few touches move with them. The identity that never changes is hcp_id.
-- grain: person
-- keys: component; hcp_id; hcp_no
-- inputs: resolve.golden, history.hcp_number
CREATE OR REPLACE TABLE resolve.numbered AS
WITH visible AS (
  SELECT g.component, g.hcp_id, g.hcp_no AS founded_no, n.hcp_no AS last_no
  FROM resolve.golden AS g LEFT JOIN history.hcp_number AS n ON n.hcp_id = g.hcp_id
),
size AS (SELECT count(*) AS n FROM visible),
kept AS (SELECT v.component, v.hcp_id, v.last_no AS hcp_no FROM visible AS v, size AS s WHERE v.last_no < s.n),
free AS (
  SELECT place, row_number() OVER (ORDER BY place) AS k
  FROM (SELECT row_number() OVER (ORDER BY founded_no) - 1 AS place FROM visible) AS every
  WHERE place NOT IN (SELECT hcp_no FROM kept)
),
mover AS (
  SELECT v.component, v.hcp_id, row_number() OVER (ORDER BY v.founded_no) AS k
  FROM visible AS v, size AS s WHERE v.last_no IS NULL OR v.last_no >= s.n
)
SELECT component, hcp_id, CAST(hcp_no AS INTEGER) AS hcp_no FROM kept
UNION ALL
SELECT m.component, m.hcp_id, CAST(f.place AS INTEGER) FROM mover AS m JOIN free AS f ON f.k = m.k;

CREATE OR REPLACE TABLE history.hcp_number AS SELECT hcp_id, hcp_no FROM resolve.numbered;
