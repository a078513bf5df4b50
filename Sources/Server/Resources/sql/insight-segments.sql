-- Segments with who is worth a touch in each.
-- needs: insight.segment, insight.target, insight.hcp_segment
SELECT s.segment_no::BIGINT AS segment_no, s.name, s.rule, s.size::BIGINT AS size, s.share, s.typical, s.stability, s.founded_as_of,
    coalesce(t.propensity, 0) AS propensity, coalesce(t.persuade, 0)::BIGINT AS persuade, coalesce(t.try, 0)::BIGINT AS "try",
    coalesce(t.spare, 0)::BIGINT AS spare, coalesce(t.unreachable, 0)::BIGINT AS unreachable
FROM insight.segment s LEFT JOIN (
    SELECT h.segment_no, avg(propensity) AS propensity, count(CASE WHEN advice = 'persuade' THEN 1 END) AS persuade,
        count(CASE WHEN advice = 'try' THEN 1 END) AS "try", count(CASE WHEN advice = 'spare' THEN 1 END) AS spare,
        count(CASE WHEN advice = 'unreachable' THEN 1 END) AS unreachable
    FROM insight.target t JOIN insight.hcp_segment h ON h.hcp_no = t.hcp_no GROUP BY h.segment_no
) t ON t.segment_no = s.segment_no ORDER BY s.segment_no
