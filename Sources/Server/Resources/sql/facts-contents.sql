-- Titles of contents, and where each may be used.
-- needs: mart.content
SELECT content_id, coalesce(title, content_id) AS title, topic, format, product_id, coalesce(channels, '') AS channels,
    mlr_state = 'approved_for_distribution' AS approved
FROM mart.content ORDER BY content_id
