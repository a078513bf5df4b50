-- Share of rows with a value, by column.
-- needs: report.completeness
SELECT table_name, column_name, filled::DOUBLE AS filled FROM report.completeness ORDER BY table_name, filled, column_name
