-- Model quality by channel.
-- needs: report.calibration
SELECT channel, n::BIGINT AS n, log_loss::DOUBLE AS log_loss, base_log_loss::DOUBLE AS base_log_loss,
    auc::DOUBLE AS auc, ece::DOUBLE AS ece
FROM report.calibration ORDER BY n DESC, channel
