-- Affinity to topics and formats. 1: number of the HCP.
-- needs: mart.feature_hcp_topic
SELECT topic, format, views::BIGINT AS views, engaged::BIGINT AS engaged, affinity::DOUBLE AS affinity
FROM mart.feature_hcp_topic WHERE hcp_no = ? ORDER BY affinity DESC NULLS LAST, topic, format LIMIT 12
