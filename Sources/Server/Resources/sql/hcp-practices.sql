-- Where the HCP can be found. 1: number of the HCP.
-- needs: insight.practice
SELECT name, address_line, postal_code, city, mentions::BIGINT AS mentions FROM insight.practice WHERE hcp_no = ? ORDER BY place LIMIT 12
