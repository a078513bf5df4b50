-- Brands of products.
-- needs: canon.product
SELECT product_id, coalesce(brand, product_id) AS brand FROM canon.product ORDER BY product_id
