-- One source record, field by field. 1: source; 2: its identifier.
-- needs: mart.hcp_record
SELECT first_name, last_name, specialty, email, phone, address_line, city, postal_code, country, npi
FROM mart.hcp_record WHERE source = ? AND source_hcp_id = ? LIMIT 1
