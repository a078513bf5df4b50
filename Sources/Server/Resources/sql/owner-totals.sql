-- Size of the plan.
-- needs: plan.decision
SELECT count(*) FILTER (day IS NOT NULL) AS touches, count(DISTINCT hcp_no) FILTER (day IS NOT NULL) AS hcps,
    coalesce(sum(value) FILTER (day IS NOT NULL), 0)::DOUBLE AS value,
    coalesce(sum(cost) FILTER (day IS NOT NULL), 0)::DOUBLE AS cost
FROM plan.decision
