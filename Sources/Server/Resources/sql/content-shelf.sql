-- Contents of the sources, one version each.
-- needs: mart.content
SELECT content_id, coalesce(version, '1') AS version, coalesce(title, content_id) AS title, purpose, product_id, topic,
    format, channels, language, countries, mlr_state, CAST(approved_at AS DATE) AS approved,
    CAST(expires_at AS DATE) AS expires
FROM mart.content ORDER BY content_id
