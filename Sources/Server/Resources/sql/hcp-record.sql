-- The golden record. 1: number of the HCP.
-- needs: mart.hcp
SELECT * FROM mart.hcp WHERE hcp_no = ?
