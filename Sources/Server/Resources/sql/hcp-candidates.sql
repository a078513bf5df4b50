-- Every action that was weighed for one HCP. 1: number of the HCP.
-- needs: plan.candidate
SELECT action_no, refusal, effect::DOUBLE AS effect, effect_low::DOUBLE AS effect_low, effect_high::DOUBLE AS effect_high,
    value::DOUBLE AS value, price::DOUBLE AS price
FROM plan.candidate WHERE hcp_no = ? ORDER BY action_no
