-- Volumes of the last two years. 1: number of the HCP.
-- needs: mart.volume_month
SELECT month::DATE AS month, product_id, measure, value FROM mart.volume_month WHERE hcp_no = ?
ORDER BY product_id, measure, month
