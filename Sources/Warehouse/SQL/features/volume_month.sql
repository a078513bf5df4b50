-- Volumes of golden HCPs by month: within a source the accounts of one person add up, between sources the better
-- source wins (two vendors report the same prescriptions). Suppressed and unknown cells are no zeros: no row.
-- grain: hcp_no × month × product_id × measure
-- keys: hcp_no, month, product_id, measure
-- inputs: canon.volume, mart.xref, history.source
CREATE OR REPLACE TABLE mart.volume_month AS
WITH known AS (
  SELECT x.hcp_no, CAST(date_trunc('month', v.period_start) AS DATE) AS month, v.product_id, v.measure, v.source,
    -- Rounded, since the last bit of a parallel sum differs from run to run.
    round(sum(v.value), 6) AS value
  FROM canon.volume AS v JOIN mart.xref AS x ON x.source = v.source AND x.source_hcp_id = v.subject_id
  WHERE v.subject_kind = 'hcp' AND v.value IS NOT NULL AND coalesce(v.suppressed, FALSE) = FALSE
  GROUP BY x.hcp_no, CAST(date_trunc('month', v.period_start) AS DATE), v.product_id, v.measure, v.source
),
speaker AS (
  SELECT source, row_number() OVER (ORDER BY priority, source) AS place
  FROM (SELECT DISTINCT k.source, coalesce(s.priority, 1000) AS priority
    FROM known AS k LEFT JOIN history.source AS s ON s.source = k.source) AS named
)
SELECT hcp_no, month, product_id, measure, value FROM (
  SELECT k.hcp_no, k.month, k.product_id, k.measure, k.value
  FROM known AS k JOIN speaker AS s ON s.source = k.source WHERE s.place = 1
  UNION ALL
  SELECT hcp_no, month, product_id, measure, value FROM (
    SELECT k.*, row_number() OVER (PARTITION BY k.hcp_no, k.month, k.product_id, k.measure ORDER BY s.place) AS n
    FROM known AS k JOIN speaker AS s ON s.source = k.source
    WHERE s.place > 1 AND NOT EXISTS (
      SELECT 1 FROM known AS f JOIN speaker AS b ON b.source = f.source AND b.place = 1
      WHERE f.hcp_no = k.hcp_no AND f.month = k.month AND f.product_id = k.product_id AND f.measure = k.measure)
  ) AS ranked WHERE n = 1
) AS chosen
ORDER BY hcp_no, month, product_id, measure;
