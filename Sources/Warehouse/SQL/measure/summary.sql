-- The figures that a run ends with.
-- grain: name
-- keys: name
-- inputs: mart.hcp, mart.hco, mart.rep, mart.hcp_rep, mart.xref, mart.touch, mart.content, mart.consent_current,
--   mart.volume_month, history.golden_merge, canon.interaction, feature.contact
CREATE OR REPLACE TABLE report.summary AS
SELECT 'hcps' AS name, CAST(count(*) AS DOUBLE) AS value FROM mart.hcp
UNION ALL SELECT 'hcps_of_several_records', count(*) FROM (
  SELECT hcp_no FROM mart.xref WHERE rule <> 'shared id' GROUP BY hcp_no HAVING count(*) > 1) AS joined
UNION ALL SELECT 'source_records', count(*) FROM mart.xref WHERE rule <> 'shared id'
UNION ALL SELECT 'golden_merges', count(*) FROM history.golden_merge
UNION ALL SELECT 'hcos', count(*) FROM mart.hco
UNION ALL SELECT 'reps', count(*) FROM mart.rep
UNION ALL SELECT 'hcps_with_rep', count(DISTINCT hcp_no) FROM mart.hcp_rep
UNION ALL SELECT 'contents', count(*) FROM mart.content
UNION ALL SELECT 'consents', count(*) FROM mart.consent_current
UNION ALL SELECT 'volume_cells', count(*) FROM mart.volume_month
UNION ALL SELECT 'interactions', count(*) FROM mart.touch
UNION ALL SELECT 'interactions_of_unknown_hcps', (SELECT count(*) FROM canon.interaction) - count(*) FROM mart.touch
UNION ALL SELECT 'machine_responses', count(*) FROM mart.touch WHERE machine
UNION ALL SELECT 'push', count(*) FROM feature.contact WHERE direction = 'push'
UNION ALL SELECT 'pull', count(*) FROM feature.contact WHERE direction = 'pull'
UNION ALL SELECT 'engaged', count(*) FROM feature.contact WHERE level >= 2;
