-- Channels by quarter over everybody.
-- needs: report.preference
SELECT channel, period, sum(contacts)::BIGINT AS contacts, sum(engaged)::BIGINT AS engaged FROM report.preference
WHERE period >= (SELECT max(period) FROM report.preference) - INTERVAL 15 MONTH GROUP BY channel, period ORDER BY channel, period
