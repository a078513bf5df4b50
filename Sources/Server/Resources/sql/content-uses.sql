-- Where contents are used: planned touches and HCPs.
-- needs: plan.decision
SELECT content_id, count(*) AS touches, count(DISTINCT hcp_no) AS hcps FROM plan.decision
WHERE day IS NOT NULL AND content_id IS NOT NULL GROUP BY content_id ORDER BY content_id
