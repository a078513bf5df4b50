-- Channels by quarter of one specialty. 1: specialty.
-- needs: report.preference
SELECT channel, period, contacts::BIGINT AS contacts, engaged::BIGINT AS engaged FROM report.preference
WHERE specialty = ? AND period >= (SELECT max(period) FROM report.preference) - INTERVAL 15 MONTH ORDER BY channel, period
