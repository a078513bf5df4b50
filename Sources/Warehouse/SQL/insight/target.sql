-- Who is worth a touch, and who is better left alone: the best allowed action of each HCP, and what it would change.
-- grain: hcp_no
-- keys: hcp_no
-- inputs: plan.candidate, plan.action, insight.hcp_segment, mart.hcp
--
-- propensity: chance that the HCP engages with the best action; uplift: what it adds to the objective, with its 90%
-- interval. persuade: the action pays and surely adds something; try: it pays if the effect is what is expected; spare:
-- nothing that is allowed is worth its cost; unreachable: nothing is allowed.
CREATE OR REPLACE TABLE insight.target AS
WITH best AS (
  SELECT hcp_no, probability, effect, effect_low, effect_high, value FROM (
    SELECT c.hcp_no, c.probability, c.effect, c.effect_low, c.effect_high, c.value,
      row_number() OVER (PARTITION BY c.hcp_no ORDER BY c.value - c.price DESC, c.action_no) AS n
    FROM plan.candidate AS c JOIN plan.action AS a ON a.action_no = c.action_no
    WHERE c.refusal IS NULL AND a.purpose NOT IN ('medical', 'service', 'safety')
  ) AS ranked WHERE n = 1
)
SELECT h.hcp_no, s.segment_no, CAST(b.probability AS DOUBLE) AS propensity, CAST(b.effect AS DOUBLE) AS uplift,
  CAST(b.effect_low AS DOUBLE) AS uplift_low, CAST(b.effect_high AS DOUBLE) AS uplift_high,
  CAST(b.value AS DOUBLE) AS best_value,
  CASE WHEN b.hcp_no IS NULL THEN 'unreachable' WHEN b.value <= 0 THEN 'spare' WHEN b.effect_low > 0 THEN 'persuade'
    ELSE 'try' END AS advice
FROM mart.hcp AS h
LEFT JOIN best AS b ON b.hcp_no = h.hcp_no
LEFT JOIN insight.hcp_segment AS s ON s.hcp_no = h.hcp_no
ORDER BY h.hcp_no;
