-- What the HCP, and the account that the HCP orders for, will need. 1: number of the HCP.
-- needs: insight.need, mart.affiliation, mart.hco, canon.product, mart.hcp
SELECT n.subject_kind, coalesce(p.brand, n.product_id) AS product, CASE WHEN n.subject_kind = 'hco' THEN o.name END AS account,
    n.due_day, n.overdue_days::BIGINT AS overdue, n.urgency, n.basis, n.evidence
FROM insight.need n
LEFT JOIN (SELECT product_id, max(brand) AS brand FROM canon.product GROUP BY product_id) p ON p.product_id = n.product_id
LEFT JOIN mart.hco o ON o.hco_id = n.hco_id, (SELECT CAST(? AS INTEGER) AS no) q
WHERE (n.hcp_no = q.no OR n.hco_id IN (SELECT hco_id FROM mart.affiliation a, (SELECT CAST(? AS INTEGER) AS no) r WHERE a.hcp_no = r.no))
    AND n.p_active > 0.05
ORDER BY n.urgency DESC, n.due_day, product LIMIT 8
