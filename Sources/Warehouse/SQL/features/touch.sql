-- Every interaction of every golden HCP, sorted so that one HCP's rows lie together and pages read them by zone maps.
-- grain: source × interaction_id
-- keys: source, interaction_id
-- inputs: feature.touch_row
CREATE OR REPLACE TABLE mart.touch AS SELECT * FROM feature.touch_row ORDER BY hcp_no, occurred_at;
