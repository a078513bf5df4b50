-- At which hours of the week a specialty and a segment answer, for what was sent then: last twelve months, own clocks.
-- grain: specialty × segment_no × weekday × hour
-- keys: specialty, segment_no, weekday (0 Monday … 6 Sunday), hour (0 … 23)
-- inputs: mart.feature_hcp_hour, mart.hcp, insight.hcp_segment
CREATE OR REPLACE TABLE report.hour_preference AS
SELECT h.specialty, coalesce(s.segment_no, 0) AS segment_no, f.weekday, f.hour, CAST(sum(f.sends) AS BIGINT) AS sends,
  CAST(sum(f.responses) AS BIGINT) AS responses
FROM mart.feature_hcp_hour AS f JOIN mart.hcp AS h ON h.hcp_no = f.hcp_no
LEFT JOIN insight.hcp_segment AS s ON s.hcp_no = f.hcp_no
GROUP BY h.specialty, coalesce(s.segment_no, 0), f.weekday, f.hour
ORDER BY h.specialty, segment_no, f.weekday, f.hour;
