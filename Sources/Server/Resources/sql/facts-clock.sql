-- The day as of which everything is told.
-- needs: history.clock
SELECT as_of::DATE AS as_of FROM history.clock LIMIT 1
