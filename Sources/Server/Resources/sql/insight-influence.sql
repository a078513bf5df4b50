-- What moves colleagues, with marketing contact held constant.
-- needs: insight.influence_model, canon.product
SELECT coalesce(p.brand, m.product_id) AS product, m.measure, m.name, m.is_contact, m.value, m.low, m.high, m.adoptions::BIGINT AS adoptions
FROM insight.influence_model m
LEFT JOIN (SELECT product_id, max(brand) AS brand FROM canon.product GROUP BY product_id) p ON p.product_id = m.product_id
ORDER BY m.product_id, m.is_contact
