-- Every planned touch: what the system will send by itself, and which days of an HCP are taken by whomever.
-- needs: plan.decision
SELECT hcp_no, day, hour, channel, content_id, sender = 'system' AND purpose <> 'medical' AS by_system
FROM plan.decision WHERE day IS NOT NULL ORDER BY hcp_no, day
