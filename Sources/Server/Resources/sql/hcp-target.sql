-- Propensity, uplift and advice. 1: number of the HCP.
-- needs: insight.target
SELECT advice, propensity, uplift, uplift_low, uplift_high FROM insight.target WHERE hcp_no = ?
