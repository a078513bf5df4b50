-- Volumes of the last known months, per HCP. The clock of volumes is the last month that anyone reported: vendors lag,
-- and a missing month is not a month without prescriptions.
-- grain: hcp_no
-- keys: hcp_no
-- inputs: mart.volume_month, mart.hcp, history.objective
--
-- Of each product counts the objective's measure, else the first that exists of prescriptions, procedures, orders,
-- units, tests, new_patients, revenue: measures do not add up. HCPs whose volumes are hidden have none here.
CREATE OR REPLACE TABLE feature.volume AS
WITH measure AS (
  SELECT product_id, measure FROM (
    SELECT m.product_id, m.measure, row_number() OVER (PARTITION BY m.product_id ORDER BY
      CASE WHEN o.measure IS NOT NULL THEN 0 ELSE 1 END,
      CASE m.measure WHEN 'prescriptions' THEN 1 WHEN 'procedures' THEN 2 WHEN 'orders' THEN 3 WHEN 'units' THEN 4
        WHEN 'tests' THEN 5 WHEN 'new_patients' THEN 6 ELSE 7 END, m.measure) AS n
    FROM (SELECT DISTINCT product_id, measure FROM mart.volume_month) AS m
    LEFT JOIN history.objective AS o ON o.product_id = m.product_id AND o.measure = m.measure
  ) AS ranked WHERE n = 1
),
last AS (SELECT max(month) AS month FROM mart.volume_month),
summed AS (
  SELECT v.hcp_no,
    round(sum(CASE WHEN v.month > l.month - INTERVAL 3 MONTH THEN v.value ELSE 0 END), 6) AS volume_3m,
    round(sum(CASE WHEN v.month <= l.month - INTERVAL 3 MONTH AND v.month > l.month - INTERVAL 6 MONTH
      THEN v.value ELSE 0 END), 6) AS before_3m,
    round(sum(v.value), 6) AS volume_12m
  FROM mart.volume_month AS v
  JOIN measure AS m ON m.product_id = v.product_id AND m.measure = v.measure, last AS l
  WHERE v.month > l.month - INTERVAL 12 MONTH
    AND v.hcp_no NOT IN (SELECT hcp_no FROM mart.hcp WHERE hides_volume)
  GROUP BY v.hcp_no
)
SELECT hcp_no, volume_3m, volume_12m,
  -- From -1 (all lost) to 1 (all new), 0 when nothing changed.
  CASE WHEN volume_3m + before_3m > 0 THEN (volume_3m - before_3m) / (volume_3m + before_3m) ELSE 0 END AS volume_trend,
  -- Equal volumes share a decile; who has none has decile 0.
  CASE WHEN volume_12m > 0
    THEN ceil(10 * cume_dist() OVER (PARTITION BY volume_12m > 0 ORDER BY volume_12m)) ELSE 0 END AS volume_decile
FROM summed;
