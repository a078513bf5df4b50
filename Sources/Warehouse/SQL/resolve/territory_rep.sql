-- Who works a territory on the as-of day. A territory of a rep whose assignments are dated is what those dates say,
-- so that a vacancy stays a vacancy; only reps without any dated row work the territory of their own record.
-- grain: territory_id × rep_id
-- keys: territory_id, rep_id
-- inputs: canon.rep_territory, mart.rep, history.clock
CREATE OR REPLACE TABLE mart.territory_rep AS
SELECT territory_id, rep_id, team, kind, max(start_date) AS start_date FROM (
  SELECT t.territory_id, r.rep_id, r.team, r.kind, t.start_date
  FROM canon.rep_territory AS t JOIN mart.rep AS r ON r.rep_id = t.rep_id, history.clock AS k
  WHERE (t.start_date IS NULL OR t.start_date <= k.as_of) AND (t.end_date IS NULL OR t.end_date >= k.as_of)
  UNION ALL
  SELECT r.territory_id, r.rep_id, r.team, r.kind, NULL
  FROM mart.rep AS r
  WHERE r.territory_id IS NOT NULL AND r.rep_id NOT IN (SELECT rep_id FROM canon.rep_territory WHERE rep_id IS NOT NULL)
) AS present
GROUP BY territory_id, rep_id, team, kind;
