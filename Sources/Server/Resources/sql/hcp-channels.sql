-- Response by channel. 1: number of the HCP.
-- needs: mart.feature_hcp_channel
SELECT channel, touches_365d::BIGINT AS touches, reached_365d::BIGINT AS reached, engaged_365d::BIGINT AS engaged,
    response_rate::DOUBLE AS response_rate, last_day::DATE AS last_day
FROM mart.feature_hcp_channel WHERE hcp_no = ? ORDER BY response_rate DESC NULLS LAST, channel
