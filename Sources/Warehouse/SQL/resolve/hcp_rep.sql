-- Who looks after whom on the as-of day: by an alignment of the HCP itself, else of the primary organisation, else of
-- another organisation that the HCP is affiliated with. No row = vacancy. A leader's accepted move of an account hands
-- its HCPs from one rep to another, for as long as the sources still name the former.
-- grain: hcp_no × team
-- keys: hcp_no, team
-- inputs: canon.alignment, mart.xref, mart.hcp, mart.affiliation, mart.territory_rep, mart.rep, history.account_move,
--   history.clock
CREATE OR REPLACE TABLE mart.hcp_rep AS
WITH aligned AS (
  SELECT a.source, a.territory_id, a.team, a.hcp_id, a.hco_id, a.start_date
  FROM canon.alignment AS a, history.clock AS k
  WHERE (a.start_date IS NULL OR a.start_date <= k.as_of) AND (a.end_date IS NULL OR a.end_date >= k.as_of)
),
candidate AS (
  SELECT x.hcp_no, a.territory_id, a.team, a.start_date, 0 AS distance
  FROM aligned AS a JOIN mart.xref AS x ON x.source = a.source AND x.source_hcp_id = a.hcp_id
  UNION ALL
  SELECT h.hcp_no, a.territory_id, a.team, a.start_date, 1
  FROM aligned AS a JOIN mart.hcp AS h ON h.primary_hco_id = a.hco_id
  WHERE a.hcp_id IS NULL
  UNION ALL
  SELECT f.hcp_no, a.territory_id, a.team, a.start_date, 2
  FROM aligned AS a JOIN mart.affiliation AS f ON f.hco_id = a.hco_id
  WHERE a.hcp_id IS NULL
),
-- The territory is settled before the rep is looked up: a vacant territory is not filled from a farther alignment.
settled AS (
  SELECT hcp_no, territory_id, team FROM (
    SELECT hcp_no, territory_id, team, row_number() OVER (
      PARTITION BY hcp_no, team ORDER BY distance, start_date DESC, territory_id) AS n
    FROM candidate
  ) AS ranked WHERE n = 1
)
SELECT a.hcp_no, a.hcp_id, coalesce(r.rep_id, a.rep_id) AS rep_id, a.team, coalesce(r.kind, a.rep_kind) AS rep_kind,
  CASE WHEN r.rep_id IS NULL THEN a.territory_id ELSE coalesce(w.territory_id, r.territory_id, a.territory_id) END
    AS territory_id
FROM (
  SELECT s.hcp_no, h.hcp_id, h.primary_hco_id, t.rep_id, coalesce(s.team, t.team, t.kind) AS team, t.kind AS rep_kind, s.territory_id,
    row_number() OVER (
      PARTITION BY s.hcp_no, coalesce(s.team, t.team, t.kind)
      ORDER BY CASE WHEN t.team = s.team THEN 0 ELSE 1 END, t.start_date DESC, t.rep_id) AS n
  FROM settled AS s
  JOIN mart.hcp AS h ON h.hcp_no = s.hcp_no
  JOIN mart.territory_rep AS t ON t.territory_id = s.territory_id
    AND (s.team IS NULL OR t.team IS NULL OR t.team = s.team)
) AS a
LEFT JOIN history.account_move AS m ON m.hco_id = a.primary_hco_id AND m.from_rep = a.rep_id
LEFT JOIN mart.rep AS r ON r.rep_id = m.to_rep
LEFT JOIN (SELECT rep_id, min(territory_id) AS territory_id FROM mart.territory_rep GROUP BY rep_id) AS w
  ON w.rep_id = r.rep_id
WHERE n = 1
ORDER BY a.hcp_no, a.team;
