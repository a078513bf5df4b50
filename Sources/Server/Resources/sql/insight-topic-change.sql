-- Topics and formats in the newest quarter and in the one of a year ago. 1: specialty, empty for all; 2: segment, 0 for all.
-- needs: report.topic_change
WITH q AS (SELECT CAST(? AS VARCHAR) AS specialty, CAST(? AS INTEGER) AS segment),
newest AS (SELECT max(period) AS period FROM report.topic_change)
SELECT t.topic, t.format, sum(CASE WHEN t.period = n.period THEN t.reached ELSE 0 END)::BIGINT AS reached,
  sum(CASE WHEN t.period = n.period THEN t.engaged ELSE 0 END)::BIGINT AS engaged,
  sum(CASE WHEN t.period < n.period - INTERVAL 11 MONTH THEN t.reached ELSE 0 END)::BIGINT AS reached_before,
  sum(CASE WHEN t.period < n.period - INTERVAL 11 MONTH THEN t.engaged ELSE 0 END)::BIGINT AS engaged_before
FROM report.topic_change AS t, newest AS n, q
WHERE (q.specialty = '' OR t.specialty = q.specialty) AND (q.segment = 0 OR t.segment_no = q.segment)
  AND (t.period = n.period OR (t.period < n.period - INTERVAL 11 MONTH AND t.period >= n.period - INTERVAL 12 MONTH))
GROUP BY t.topic, t.format HAVING sum(t.reached) >= 10
ORDER BY (sum(t.engaged) + 1.0) / (sum(t.reached) + 4.0) DESC, t.topic, t.format LIMIT 12
