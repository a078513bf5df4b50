-- HCPs refused, by channel and first reason.
-- needs: plan.refusal
SELECT channel, refusal, hcps::BIGINT AS hcps FROM plan.refusal WHERE hcps > 0 ORDER BY channel, hcps DESC
