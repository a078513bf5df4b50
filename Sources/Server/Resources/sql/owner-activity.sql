-- Contacts and responses of the last twelve whole or part months. 1: as-of day.
-- needs: report.channel_month
SELECT month::DATE AS month, channel, direction, touches::BIGINT AS touches, reached::BIGINT AS reached,
    engaged::BIGINT AS engaged, advanced::BIGINT AS advanced
FROM report.channel_month WHERE month > ?::DATE - INTERVAL 12 MONTH ORDER BY channel, direction, month
