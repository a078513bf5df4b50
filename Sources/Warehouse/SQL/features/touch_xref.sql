-- Whose touches mart.touch thinks they are: the crosswalk as of its last build, to see later who has moved.
-- grain: source × source_hcp_id
-- keys: source, source_hcp_id
-- inputs: mart.xref
CREATE OR REPLACE TABLE history.touch_xref AS SELECT source, source_hcp_id, hcp_no FROM mart.xref;
