-- How many HCPs there are.
-- needs: mart.hcp
SELECT count(*) AS hcps FROM mart.hcp
