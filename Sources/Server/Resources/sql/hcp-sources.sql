-- Which source gave which field. 1: number of the HCP.
-- needs: mart.hcp_source
SELECT column_name, source, source_hcp_id, known_at::DATE AS known_day
FROM mart.hcp_source WHERE hcp_no = ? ORDER BY column_name
