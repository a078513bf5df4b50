-- HCPs with at least one allowed action on any channel.
-- needs: plan.candidate
SELECT count(DISTINCT hcp_no) AS hcps FROM plan.candidate WHERE refusal IS NULL
