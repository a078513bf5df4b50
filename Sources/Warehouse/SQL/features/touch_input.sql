-- The interactions that the next build of touches reads: all of them.
-- grain: source × interaction_id
-- keys: source, interaction_id
-- inputs: canon.interaction
CREATE OR REPLACE VIEW feature.touch_input AS SELECT * FROM canon.interaction;
