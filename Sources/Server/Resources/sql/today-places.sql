-- Where some HCPs work. 1: numbers, separated by commas.
-- needs: mart.hcp
SELECT hcp_no, latitude::DOUBLE AS latitude, longitude::DOUBLE AS longitude FROM mart.hcp
WHERE hcp_no IN (SELECT unnest(string_split(?, ',')::INTEGER[]))
