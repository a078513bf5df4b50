-- Every action that was weighed for one HCP, with the content that fits best. 1: number of the HCP.
-- needs: plan.candidate
SELECT action_no, content_id, refusal, effect::DOUBLE AS effect, effect_low::DOUBLE AS effect_low,
    effect_high::DOUBLE AS effect_high, value::DOUBLE AS value, price::DOUBLE AS price
FROM plan.candidate WHERE hcp_no = ? ORDER BY action_no
