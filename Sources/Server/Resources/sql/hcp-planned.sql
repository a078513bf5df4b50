-- Days and channels of what the plan holds for an HCP. 1: number of the HCP.
-- needs: plan.decision
SELECT day, channel FROM plan.decision WHERE hcp_no = ?
