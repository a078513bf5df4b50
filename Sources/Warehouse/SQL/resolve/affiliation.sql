-- Where each golden HCP works on the as-of day, strongest tie first.
-- grain: hcp_no × hco_id
-- keys: hcp_no, hco_id
-- inputs: canon.affiliation, mart.xref, history.clock
CREATE OR REPLACE TABLE mart.affiliation AS
SELECT hcp_no, hcp_id, hco_id, role, buying_role, start_date, end_date, strength FROM (
  SELECT x.hcp_no, x.hcp_id, a.hco_id, a.role, a.buying_role, a.start_date, a.end_date, a.strength,
    row_number() OVER (
      PARTITION BY x.hcp_no, a.hco_id ORDER BY coalesce(a.strength, 0) DESC, a.start_date DESC, a.role) AS n
  FROM canon.affiliation AS a
  JOIN mart.xref AS x ON x.source = a.source AND x.source_hcp_id = a.hcp_id, history.clock AS k
  WHERE (a.start_date IS NULL OR a.start_date <= k.as_of) AND (a.end_date IS NULL OR a.end_date >= k.as_of)
) AS ranked
WHERE n = 1
ORDER BY hcp_no, coalesce(strength, 0) DESC, hco_id;
