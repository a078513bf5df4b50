-- Conflicts of the loaded history by kind.
-- needs: report.conflict
SELECT kind, count(*) AS cases, count(DISTINCT hcp_no) AS hcps FROM report.conflict GROUP BY kind ORDER BY cases DESC
