-- Who is in charge. 1: number of the HCP.
-- needs: mart.hcp_rep
SELECT rep_id, team, rep_kind, territory_id FROM mart.hcp_rep WHERE hcp_no = ? ORDER BY team, rep_id
