-- Current consent of one HCP. 1: number of the HCP.
-- needs: mart.consent_current
SELECT channel, purpose, product_id, status, basis, captured_at::DATE AS captured_day, expires_at::DATE AS expires_day
FROM mart.consent_current WHERE hcp_no = ? ORDER BY channel, purpose, product_id NULLS FIRST
