-- The latest examples of each kind of conflict.
-- needs: report.conflict, mart.hcp
SELECT c.kind, c.day::DATE AS day, c.detail, h.hcp_id, h.first_name, h.last_name, h.credential
FROM (
    SELECT *, row_number() OVER (PARTITION BY kind ORDER BY day DESC NULLS LAST, hcp_no) AS place
    FROM report.conflict
) c JOIN mart.hcp h ON h.hcp_no = c.hcp_no
WHERE c.place <= 5 ORDER BY c.kind, c.place
