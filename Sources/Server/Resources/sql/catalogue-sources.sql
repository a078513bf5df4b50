-- What was loaded from where. Of rows that lie ahead (events, appointments) it counts when they became known.
-- needs: report.source
SELECT source, table_name, owner, grain, least(freshness, known_until)::DATE AS freshest, "rows"::BIGINT AS row_count,
    rejected::BIGINT AS rejected, duplicates::BIGINT AS duplicates, orphans::BIGINT AS orphans
FROM report.source ORDER BY source, table_name
