-- The interactions that the next build of touches reads: the changed ones.
-- grain: source × interaction_id, changed ones
-- keys: source, interaction_id
-- inputs: canon.interaction, feature.touch_change
CREATE OR REPLACE TABLE feature.touch_new AS
SELECT * FROM canon.interaction
WHERE interaction_id IN (SELECT interaction_id FROM feature.touch_change);

CREATE OR REPLACE VIEW feature.touch_input AS SELECT * FROM feature.touch_new;
