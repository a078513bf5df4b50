-- HCPs of one advice, by what a touch would add. 1: advice; 2: segment, 0 for all.
-- needs: insight.target, insight.hcp_segment, mart.hcp
SELECT h.hcp_id, h.first_name, h.last_name, h.credential, h.specialty, h.city, t.propensity, t.uplift, t.uplift_low, t.uplift_high
FROM insight.target t JOIN insight.hcp_segment s ON s.hcp_no = t.hcp_no JOIN mart.hcp h ON h.hcp_no = t.hcp_no,
    (SELECT CAST(? AS VARCHAR) AS advice, CAST(? AS INTEGER) AS segment) q
WHERE t.advice = q.advice AND (q.segment = 0 OR s.segment_no = q.segment)
ORDER BY t.best_value DESC NULLS LAST, h.hcp_no LIMIT 25
