-- The best hour of one HCP, in person and by message, as decisions use it. 1: number of the HCP.
-- needs: insight.hour
SELECT kind, weekday::INTEGER AS weekday, hour::INTEGER AS hour, lift::DOUBLE AS lift, lift_low::DOUBLE AS low, lift_high::DOUBLE AS high,
  belief::DOUBLE AS belief, tried::BIGINT AS tried, answered::BIGINT AS answered FROM insight.hour WHERE hcp_no = ? ORDER BY kind DESC
