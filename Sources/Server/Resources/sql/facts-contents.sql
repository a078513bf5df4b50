-- Titles of contents.
-- needs: canon.content
SELECT content_id, arg_max(title, version) AS title, arg_max(topic, version) AS topic,
    arg_max(format, version) AS format, arg_max(product_id, version) AS product_id
FROM canon.content GROUP BY content_id ORDER BY content_id
