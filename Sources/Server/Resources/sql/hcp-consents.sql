-- Current consent of some HCPs. 1: numbers, separated by commas.
-- needs: mart.consent_current
SELECT hcp_no, channel, purpose, product_id, status, basis, captured_at::DATE AS captured_day,
    expires_at::DATE AS expires_day
FROM mart.consent_current WHERE hcp_no IN (SELECT unnest(string_split(?, ',')::INTEGER[]))
ORDER BY hcp_no, channel, purpose, product_id NULLS FIRST
