-- Planned touches by day and channel.
-- needs: plan.decision
SELECT day, channel, count(*) AS touches, count(DISTINCT hcp_no) AS hcps FROM plan.decision
WHERE day IS NOT NULL GROUP BY day, channel ORDER BY day, channel
