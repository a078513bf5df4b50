-- Model quality by channel and step of the response ladder.
-- needs: report.calibration
SELECT channel, step, n::BIGINT AS n, log_loss::DOUBLE AS log_loss, base_log_loss::DOUBLE AS base_log_loss,
    auc::DOUBLE AS auc, ece::DOUBLE AS ece
FROM report.calibration ORDER BY channel, step DESC
