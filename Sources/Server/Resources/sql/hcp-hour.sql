-- The best hour of one HCP on each channel of the last year. 1: number of the HCP.
-- needs: insight.channel_hour
SELECT channel, weekday::INTEGER AS weekday, hour::INTEGER AS hour, lift::DOUBLE AS lift, lift_low::DOUBLE AS low, lift_high::DOUBLE AS high,
  tried::BIGINT AS tried, answered::BIGINT AS answered
FROM insight.channel_hour WHERE hcp_no = ? ORDER BY kind DESC, answered_all DESC, channel
