-- What each HCP last said about a channel and purpose: the latest capture wins, then the greater id.
-- grain: hcp_no × channel × purpose × product_id
-- keys: hcp_no, channel, purpose, product_id
-- inputs: canon.consent, mart.xref
CREATE OR REPLACE TABLE mart.consent_current AS
SELECT hcp_no, channel, purpose, product_id, status, basis, captured_at, expires_at, consent_id, address FROM (
  SELECT x.hcp_no, c.channel, c.purpose, c.product_id, c.status, c.basis, c.captured_at, c.expires_at, c.consent_id,
    c.address, row_number() OVER (
      PARTITION BY x.hcp_no, c.channel, c.purpose, c.product_id
      ORDER BY c.captured_at DESC, c.consent_id DESC, c.source) AS n
  FROM canon.consent AS c
  JOIN mart.xref AS x ON x.source = c.source AND x.source_hcp_id = c.hcp_id
) AS ranked
WHERE n = 1
ORDER BY hcp_no, channel, purpose, product_id;
