-- Identifiers of all HCPs in the order of their numbers.
-- needs: mart.hcp
SELECT hcp_id FROM mart.hcp ORDER BY hcp_no
