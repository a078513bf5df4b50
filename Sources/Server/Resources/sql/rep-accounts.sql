-- Accounts of the HCPs that some reps are in charge of. 1: rep ids, separated by U+001F.
-- needs: mart.affiliation, mart.hcp_rep
SELECT DISTINCT a.hco_id AS account_id FROM mart.affiliation AS a
SEMI JOIN (
    SELECT hcp_no FROM mart.hcp_rep WHERE rep_id IN (SELECT unnest(string_split(?, chr(31))))
) AS o ON a.hcp_no = o.hcp_no
WHERE a.hco_id IS NOT NULL ORDER BY 1 LIMIT 5000
