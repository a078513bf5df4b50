-- How many of the alarms that were raised came true, judged once the time to tell has passed.
-- grain: kind
-- keys: kind
-- inputs: history.trigger, insight.purchase, insight.trigger, mart.volume_month, mart.hcp, history.clock
--
-- need_due: an order came within the fortnight. silent_customer: no order came for another usual interval.
-- prescribing and ordering: the mean of the months after the alarm lies on the new side of the middle between the two
-- levels. expected: the mean score of the judged alarms, which a well-calibrated trigger meets.
CREATE OR REPLACE TABLE report.trigger_precision AS
WITH raised AS (
  SELECT t.trigger_id, t.kind, t.subject_kind, t.subject_id, t.product_id, t.first_as_of, t.score, t.due_high, t.bound
  FROM history.trigger AS t, history.clock AS k WHERE t.alarm AND t.first_as_of < k.as_of
),
bought AS (
  SELECT r.trigger_id, r.kind, r.score, CASE WHEN r.kind = 'need_due' THEN count(p.day) > 0 ELSE count(p.day) = 0 END
    AS came
  FROM raised AS r
  LEFT JOIN insight.purchase AS p ON p.hco_id = r.subject_id AND p.product_id = r.product_id
    AND p.day > r.first_as_of AND p.day <= r.due_high, history.clock AS k
  WHERE r.kind IN ('need_due', 'silent_customer') AND r.subject_kind = 'hco' AND r.due_high <= k.as_of
  GROUP BY r.trigger_id, r.kind, r.score
),
prescribed AS (
  SELECT r.trigger_id, r.kind, r.score,
    CASE WHEN r.kind LIKE '%_fall' THEN avg(v.value) <= max(r.bound) ELSE avg(v.value) >= max(r.bound) END AS came
  FROM raised AS r JOIN mart.hcp AS h ON h.hcp_id = r.subject_id
  JOIN mart.volume_month AS v ON v.hcp_no = h.hcp_no AND v.product_id = r.product_id
    AND v.month >= CAST(date_trunc('month', r.first_as_of) AS DATE)
  WHERE r.kind LIKE 'prescribing_%' AND r.subject_kind = 'hcp'
  GROUP BY r.trigger_id, r.kind, r.score
),
judged AS (SELECT * FROM bought UNION ALL SELECT * FROM prescribed),
today AS (
  SELECT kind, count(*) AS triggers, count(CASE WHEN alarm THEN 1 END) AS alarms FROM insight.trigger GROUP BY kind
)
SELECT t.kind, t.triggers, t.alarms, coalesce(j.judged, 0) AS judged, coalesce(j.confirmed, 0) AS confirmed,
  CASE WHEN j.judged > 0 THEN CAST(j.confirmed AS DOUBLE) / j.judged END AS "precision", j.expected
FROM today AS t LEFT JOIN (
  SELECT kind, count(*) AS judged, count(CASE WHEN came THEN 1 END) AS confirmed, round(avg(score), 6) AS expected
  FROM judged GROUP BY kind
) AS j ON j.kind = t.kind
ORDER BY t.kind;
