-- What the system will send by itself.
-- needs: plan.decision
SELECT hcp_no, day, hour, channel, content_id FROM plan.decision
WHERE sender = 'system' AND day IS NOT NULL AND purpose <> 'medical' ORDER BY hcp_no, day
