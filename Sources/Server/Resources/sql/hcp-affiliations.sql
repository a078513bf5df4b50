-- Where the HCP works, strongest tie first. 1: number of the HCP.
-- needs: mart.affiliation, mart.hco
SELECT coalesce(o.name, a.hco_id) AS site, a.role, a.buying_role
FROM mart.affiliation a LEFT JOIN mart.hco o ON o.hco_id = a.hco_id
WHERE a.hcp_no = ? ORDER BY coalesce(a.strength, 0) DESC, site LIMIT 20
