-- Hours of the week that were tried. 1: number of the HCP.
-- needs: mart.feature_hcp_hour
SELECT weekday::INTEGER AS weekday, hour::INTEGER AS hour, greatest(sends, responses)::BIGINT AS sends,
    responses::BIGINT AS responses, score::DOUBLE AS score
FROM mart.feature_hcp_hour WHERE hcp_no = ?
