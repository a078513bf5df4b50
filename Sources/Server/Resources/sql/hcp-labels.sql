-- Names and places of some HCPs. 1: numbers, separated by commas.
-- needs: mart.hcp
SELECT hcp_no, hcp_id, first_name, last_name, credential, specialty, hco_name, city, country
FROM mart.hcp WHERE hcp_no IN (SELECT unnest(string_split(?, ',')::INTEGER[]))
