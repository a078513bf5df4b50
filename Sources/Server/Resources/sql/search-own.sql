-- HCPs of some reps by text. 1: rep ids, separated by U+001F; 2 and 3: text in lower case (an empty one finds all);
-- 4: rows; 5: rows to skip.
-- needs: mart.hcp, mart.hcp_rep
SELECT h.hcp_no, h.hcp_id, npi, first_name, last_name, credential, specialty, hco_name, city,
    count(*) OVER () AS total
FROM mart.hcp h
SEMI JOIN (
    SELECT hcp_no FROM mart.hcp_rep WHERE rep_id IN (SELECT unnest(string_split(?, chr(31))))
) o ON h.hcp_no = o.hcp_no
WHERE ? = '' OR contains(lower(concat_ws(' ', first_name, last_name, specialty, hco_name, city, npi, h.hcp_id)), ?)
ORDER BY last_name, first_name, h.hcp_no LIMIT ? OFFSET ?
