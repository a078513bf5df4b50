-- Hours of the week by specialty and segment, for the channels of one kind. 1: specialty, empty for all; 2: segment, 0 for all;
-- 3: kind of channel (personal, message).
-- needs: insight.hour_rate
WITH q AS (SELECT CAST(? AS VARCHAR) AS specialty, CAST(? AS INTEGER) AS segment, CAST(? AS VARCHAR) AS kind),
cell AS (
  SELECT p.weekday, p.hour, sum(p.sends) AS sends, sum(p.responses) AS responses FROM insight.hour_rate AS p, q
  WHERE (q.specialty = '' OR p.specialty = q.specialty) AND (q.segment = 0 OR p.segment_no = q.segment) AND p.kind = q.kind
  GROUP BY p.weekday, p.hour
),
mean AS (SELECT (sum(responses) + 1.0) / (greatest(sum(sends), sum(responses)) + 5.0) AS rate FROM cell)
SELECT weekday::INTEGER AS weekday, hour::INTEGER AS hour, greatest(sends, responses)::BIGINT AS sends, responses::BIGINT AS responses,
  ((responses + 50 * m.rate) / (greatest(sends, responses) + 50))::DOUBLE AS score
FROM cell, mean AS m ORDER BY weekday, hour
