-- Last contact of some HCPs, in either direction, medical contacts left out. 1: numbers, separated by commas.
-- needs: mart.touch
SELECT hcp_no, max(occurred_at)::DATE AS day, arg_max(channel, occurred_at) AS channel,
    arg_max(direction, occurred_at) AS direction, arg_max(level, occurred_at)::INTEGER AS level
FROM mart.touch
WHERE hcp_no IN (SELECT unnest(string_split(?, ',')::INTEGER[])) AND head AND NOT medical
    AND (status IS NULL OR status NOT IN ('planned', 'cancelled', 'held', 'failed'))
GROUP BY hcp_no
