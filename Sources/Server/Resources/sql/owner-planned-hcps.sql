-- HCPs with a planned touch, by channel.
-- needs: plan.decision
SELECT channel, count(DISTINCT hcp_no) AS hcps FROM plan.decision WHERE day IS NOT NULL GROUP BY channel
