-- What the accounts that the HCP works at will need. 1: number of the HCP.
-- needs: insight.need, mart.affiliation, mart.hco
SELECT n.subject_kind, n.product_id, o.name AS account, n.due_day, n.overdue_days::BIGINT AS overdue, n.urgency, n.evidence
FROM insight.need n LEFT JOIN mart.hco o ON o.hco_id = n.hco_id
WHERE n.hco_id IN (SELECT hco_id FROM mart.affiliation WHERE hcp_no = ?) AND n.hcp_no IS NULL AND n.p_active > 0.05
