-- Where the HCP can be found. 1: number of the HCP.
-- needs: insight.workplace
SELECT name, address_line, postal_code, city, mentions::BIGINT AS mentions FROM insight.workplace WHERE hcp_no = ? ORDER BY place LIMIT 12
