-- Why the HCP is left alone. 1: number of the HCP.
-- needs: plan.decision
SELECT reason_1, reason_2, reason_3 FROM plan.decision WHERE hcp_no = ? AND day IS NULL LIMIT 1
