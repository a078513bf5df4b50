-- Triggers of the HCP, surest first. 1: number of the HCP.
-- needs: insight.trigger
SELECT kind, evidence, score, alarm, audience, product_id FROM insight.trigger
WHERE hcp_no = ? ORDER BY alarm DESC, score DESC, kind LIMIT 8
