-- The newest back-test of the triggers: as raised, and at an alarm rate of one in a hundred.
-- needs: report.trigger_backtest
SELECT kind, rate::DOUBLE AS rate, alarms::BIGINT AS alarms, confirmed::BIGINT AS confirmed, cases::BIGINT AS cases, events::BIGINT AS events,
  promised::DOUBLE AS promised, days::BIGINT AS days, judged_as_of FROM report.trigger_backtest WHERE rate IS NULL OR rate = 0.01 ORDER BY kind, rate NULLS FIRST
