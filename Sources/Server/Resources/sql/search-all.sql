-- HCPs by text. 1 and 2: text in lower case (an empty one finds everybody); 3: rows; 4: rows to skip.
-- needs: mart.hcp
SELECT hcp_no, hcp_id, npi, first_name, last_name, credential, specialty, hco_name, city,
    count(*) OVER () AS total
FROM mart.hcp
WHERE ? = '' OR contains(lower(concat_ws(' ', first_name, last_name, specialty, hco_name, city, npi, hcp_id)), ?)
ORDER BY last_name, first_name, hcp_no LIMIT ? OFFSET ?
