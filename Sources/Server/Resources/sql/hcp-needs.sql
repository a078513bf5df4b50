-- What the HCP, and the account that the HCP orders for, will need. 1: number of the HCP.
-- needs: insight.need, mart.affiliation, mart.hco, canon.product, mart.hcp
WITH own AS (
    SELECT * FROM insight.need WHERE hcp_no = ? AND p_active > 0.05
    UNION ALL
    SELECT * FROM insight.need WHERE hco_id IN (SELECT hco_id FROM mart.affiliation WHERE hcp_no = ?) AND hcp_no IS NULL AND p_active > 0.05
)
SELECT n.subject_kind, coalesce(p.brand, n.product_id) AS product,
    CASE WHEN n.subject_kind = 'hco' THEN o.name END AS account,
    n.due_day, n.overdue_days::BIGINT AS overdue, n.urgency, n.basis, n.evidence
FROM own n LEFT JOIN (SELECT product_id, max(brand) AS brand FROM canon.product GROUP BY product_id) p ON p.product_id = n.product_id
LEFT JOIN mart.hco o ON o.hco_id = n.hco_id ORDER BY n.urgency DESC, n.due_day, product LIMIT 8
