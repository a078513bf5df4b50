-- Where the HCP works. 1: number of the HCP.
-- needs: mart.affiliation
SELECT coalesce(hco_name, hco_id) AS site, role, buying_role FROM mart.affiliation WHERE hcp_no = ? ORDER BY 1 LIMIT 20
