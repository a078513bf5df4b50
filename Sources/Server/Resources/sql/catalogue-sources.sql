-- What was loaded from where.
-- needs: report.source
SELECT source, table_name, owner, grain, freshness::DATE AS freshest, "rows"::BIGINT AS row_count,
    rejected::BIGINT AS rejected, duplicates::BIGINT AS duplicates, orphans::BIGINT AS orphans
FROM report.source ORDER BY source, table_name
