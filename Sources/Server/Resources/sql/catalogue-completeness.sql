-- Share of rows with a value, by source, table and column.
-- needs: report.completeness
SELECT source || ', ' || table_name AS table_name, column_name, filled::DOUBLE AS filled FROM report.completeness
ORDER BY source, table_name, filled, column_name
