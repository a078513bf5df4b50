-- Brings mart.touch up to date: changed touches leave, their new form is appended behind the sorted base.
-- grain: source × interaction_id (updates mart.touch)
-- keys: source, interaction_id
-- inputs: feature.touch_row, feature.touch_change, mart.touch
DELETE FROM mart.touch
WHERE interaction_id IN (SELECT interaction_id FROM feature.touch_change);

INSERT INTO mart.touch SELECT * FROM feature.touch_row ORDER BY hcp_no, occurred_at;
