-- HCPs with at least one allowed action, by channel.
-- needs: plan.reach
SELECT channel, hcps::BIGINT AS hcps, eligible::BIGINT AS eligible FROM plan.reach
