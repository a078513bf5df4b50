-- Plain words of the contents of the sources.
-- needs: canon.content
SELECT content_id, coalesce(version, '1') AS version, body FROM canon.content WHERE body IS NOT NULL
ORDER BY content_id, version
