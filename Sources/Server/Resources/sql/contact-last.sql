-- Last contact of every HCP, in either direction, medical contacts left out.
-- needs: mart.touch
SELECT hcp_no, max(occurred_at)::DATE AS day, arg_max(channel, occurred_at) AS channel,
    arg_max(direction, occurred_at) AS direction, arg_max(level, occurred_at) AS level
FROM mart.touch
WHERE head AND NOT medical AND (status IS NULL OR status NOT IN ('planned', 'cancelled', 'held', 'failed'))
GROUP BY hcp_no
