-- How many of the alarms of each kind came true.
-- needs: report.trigger_precision
SELECT kind, triggers::BIGINT AS triggers, alarms::BIGINT AS alarms, judged::BIGINT AS judged, confirmed::BIGINT AS confirmed,
    "precision"::DOUBLE AS hit, expected::DOUBLE AS expected FROM report.trigger_precision ORDER BY kind
