-- Every contact of one HCP, latest first. 1: number of the HCP; 2: whether medical contacts may be seen.
-- needs: mart.touch
SELECT epoch_us(occurred_at) AS at, channel, direction, kind, content_id, rep_id, status, level::INTEGER AS level, machine,
    medical
FROM mart.touch WHERE hcp_no = ? AND (NOT medical OR ?) ORDER BY occurred_at DESC, interaction_id LIMIT 5000
