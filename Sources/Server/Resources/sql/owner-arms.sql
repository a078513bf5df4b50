-- HCPs and touches of the standing arms.
-- needs: plan.decision
SELECT arm, count(DISTINCT hcp_no) AS hcps, count(*) FILTER (day IS NOT NULL) AS touches FROM plan.decision GROUP BY arm
