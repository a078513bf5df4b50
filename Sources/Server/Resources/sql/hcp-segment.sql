-- The HCP's segment and what to do about the HCP. 1: number of the HCP.
-- needs: insight.segment, insight.hcp_segment
SELECT s.segment_no::BIGINT AS segment_no, s.name, s.rule, s.size::BIGINT AS size
FROM insight.hcp_segment h JOIN insight.segment s ON s.segment_no = h.segment_no WHERE h.hcp_no = ?
