-- Topics and formats by what they are answered with. 1: specialty, empty for all.
-- needs: report.topic_preference
SELECT topic, format, sum(views)::BIGINT AS views, sum(engaged)::BIGINT AS engaged FROM report.topic_preference t, (SELECT CAST(? AS VARCHAR) AS specialty) q
WHERE q.specialty = '' OR t.specialty = q.specialty GROUP BY topic, format HAVING sum(views) >= 10
ORDER BY (sum(engaged) + 1.0) / (sum(views) + 4.0) DESC, topic, format LIMIT 12
