-- What HCPs say they prefer, beside what they do.
-- needs: canon.survey
SELECT trim(word) AS channel, count(*)::BIGINT AS named, (SELECT count(*) FROM canon.survey WHERE question = 'preferred_channels')::BIGINT AS asked
FROM (SELECT unnest(string_split(answer, ';')) AS word FROM canon.survey WHERE question = 'preferred_channels') s
WHERE trim(word) <> '' GROUP BY trim(word) ORDER BY named DESC, channel
