-- Rows set aside, by file, column and reason.
-- needs: history.reject
SELECT file, column_name, message, count(*) AS row_count, min(line)::BIGINT AS first_line
FROM history.reject GROUP BY file, column_name, message ORDER BY row_count DESC, file, column_name LIMIT 100
