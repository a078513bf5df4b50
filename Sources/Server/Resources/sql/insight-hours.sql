-- Hours of the week by specialty and segment. 1: specialty, empty for all; 2: segment, 0 for all.
-- needs: report.hour_preference
WITH q AS (SELECT CAST(? AS VARCHAR) AS specialty, CAST(? AS INTEGER) AS segment),
cell AS (
  SELECT p.weekday, p.hour, sum(p.sends) AS sends, sum(p.responses) AS responses FROM report.hour_preference AS p, q
  WHERE (q.specialty = '' OR p.specialty = q.specialty) AND (q.segment = 0 OR p.segment_no = q.segment)
  GROUP BY p.weekday, p.hour
),
mean AS (SELECT (sum(responses) + 1.0) / (greatest(sum(sends), sum(responses)) + 5.0) AS rate FROM cell)
SELECT weekday::INTEGER AS weekday, hour::INTEGER AS hour, greatest(sends, responses)::BIGINT AS sends, responses::BIGINT AS responses,
  ((responses + 50 * m.rate) / (greatest(sends, responses) + 50))::DOUBLE AS score
FROM cell, mean AS m ORDER BY weekday, hour
