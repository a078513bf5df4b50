-- Unclear pairs, the most useful to settle first.
-- needs: insight.identity_pair, mart.hcp
SELECT p.left_hcp_id, p.right_hcp_id, p.left_source, p.left_source_id, p.right_source, p.right_source_id, p.probability, p.bits,
    p.affected::BIGINT AS affected, p.fields
FROM insight.identity_pair p ORDER BY p.worth DESC, p.left_hcp_id, p.right_hcp_id
