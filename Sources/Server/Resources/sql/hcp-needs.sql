-- What the HCP will need. 1: number of the HCP.
-- needs: insight.need
-- Two plain queries (here and hcp-account-needs) cost half of one that joins: at this size planning is the work.
SELECT subject_kind, product_id, NULL::VARCHAR AS account, due_day, overdue_days::BIGINT AS overdue, urgency, evidence
FROM insight.need WHERE hcp_no = ? AND p_active > 0.05
