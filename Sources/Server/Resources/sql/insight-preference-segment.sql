-- Channels by quarter of one segment. 1: segment.
-- needs: report.segment_preference
SELECT channel, period, contacts::BIGINT AS contacts, engaged::BIGINT AS engaged FROM report.segment_preference
WHERE segment_no = ? AND period >= (SELECT max(period) FROM report.segment_preference) - INTERVAL 15 MONTH ORDER BY channel, period
