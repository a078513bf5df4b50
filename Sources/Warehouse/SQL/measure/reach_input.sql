-- Whom a channel could reach: an address, and what was last said about promotional messages there.
-- grain: channel
-- keys: channel
-- inputs: mart.hcp, mart.consent_current, history.clock
--
-- The plan's own reach (plan.reach) counts refusals by every rule; this is what data alone allows or forbids.
CREATE OR REPLACE TABLE report.reach_input AS
WITH channel(channel, needs) AS (
  VALUES ('in_person', 'place'), ('video', 'email'), ('phone', 'phone'), ('email_rep', 'email'), ('email', 'email'),
    ('sms', 'phone'), ('messaging', 'phone'), ('portal', 'nothing'), ('webinar', 'email'), ('event', 'email'),
    ('ad', 'nothing'), ('mail', 'place')
),
said AS (
  SELECT hcp_no, channel,
    max(CASE WHEN status = 'objection' THEN 4 WHEN status = 'opt_out' THEN 3
      WHEN status = 'opt_in' AND (expires_at IS NULL OR expires_at > as_of_end) THEN 2
      WHEN status = 'opt_in' THEN 1 ELSE 0 END) AS word,
    max(CASE WHEN address IS NOT NULL THEN 1 ELSE 0 END) AS addressed
  FROM mart.consent_current, history.clock
  WHERE purpose = 'promotional' AND product_id IS NULL
  GROUP BY hcp_no, channel
)
SELECT c.channel, count(*) AS hcps,
  count(CASE WHEN c.needs = 'nothing' OR s.addressed = 1 OR (c.needs = 'email' AND h.email IS NOT NULL)
    OR (c.needs = 'phone' AND h.phone IS NOT NULL)
    OR (c.needs = 'place' AND (h.address_line IS NOT NULL OR h.city IS NOT NULL)) THEN 1 END) AS with_address,
  count(CASE WHEN s.word = 2 THEN 1 END) AS opt_in, count(CASE WHEN s.word = 1 THEN 1 END) AS expired,
  count(CASE WHEN s.word = 0 THEN 1 END) AS pending, count(CASE WHEN s.word = 3 THEN 1 END) AS opt_out,
  count(CASE WHEN s.word = 4 THEN 1 END) AS objection, count(CASE WHEN s.word IS NULL THEN 1 END) AS silent
FROM channel AS c, mart.hcp AS h
LEFT JOIN said AS s ON s.hcp_no = h.hcp_no AND s.channel = c.channel
GROUP BY c.channel
ORDER BY c.channel;
