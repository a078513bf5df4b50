-- Triggers of the HCP, surest first. 1: number of the HCP.
-- needs: insight.trigger, canon.product
SELECT t.kind, t.evidence, t.score, t.alarm, t.audience, coalesce(p.brand, t.product_id) AS product
FROM insight.trigger t
LEFT JOIN (SELECT product_id, max(brand) AS brand FROM canon.product GROUP BY product_id) p ON p.product_id = t.product_id
WHERE t.hcp_no = ? ORDER BY t.alarm DESC, t.score DESC, t.kind LIMIT 8
