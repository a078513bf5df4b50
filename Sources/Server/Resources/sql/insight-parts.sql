-- The parts of the insight step with their notes.
-- needs: insight.part
SELECT part, "rows"::BIGINT AS n, note FROM insight.part ORDER BY part
