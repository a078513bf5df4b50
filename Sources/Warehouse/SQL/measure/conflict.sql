-- Where the last twelve months break the contact policy: touches closer than the strategy's gap, more than a cap in its
-- window, two teams on one day. Whoever sent them: this is about the HCP's patience, not about a sender.
-- grain: kind × hcp_no × rule × touch that broke it
-- keys: none
-- inputs: mart.touch, mart.rep, plan.rule, history.clock
--
-- plan.rule(kind, channels, n, days): kind gap (n is not read) or cap (at most n), channels joined by ;, days of the
-- gap or window. Both ask one thing: does the touch n places before lie less than that many days back?
CREATE OR REPLACE TABLE report.conflict AS
WITH rule AS (
  SELECT row_number() OVER (ORDER BY kind, channels, n, days) AS rule_no, kind, channels,
    CASE WHEN kind = 'gap' THEN 1 ELSE n END AS back, CAST(days * 86400 AS BIGINT) AS seconds,
    CASE WHEN kind = 'gap' THEN 'less than ' ELSE 'more than ' || n || ' in ' END
      || regexp_replace(CAST(days AS VARCHAR), '[.]0$', '')
      || CASE WHEN kind = 'gap' THEN ' days apart: ' ELSE ' days: ' END || replace(channels, ';', ', ') AS detail
  FROM plan.rule WHERE kind IN ('gap', 'cap')
),
rule_channel AS (
  SELECT r.rule_no, c.channel FROM rule AS r, (
    VALUES ('in_person'), ('video'), ('phone'), ('email_rep'), ('email'), ('sms'), ('messaging'), ('portal'),
      ('webinar'), ('event'), ('ad'), ('mail')
  ) AS c(channel)
  WHERE ';' || r.channels || ';' LIKE '%;' || c.channel || ';%'
    OR r.channels = 'any' OR (r.channels = 'human' AND c.channel IN ('in_person', 'video', 'phone'))
),
pushed AS (
  SELECT t.hcp_no, t.channel, t.day, t.rep_id, CAST(floor(epoch(t.occurred_at)) AS BIGINT) AS second
  FROM mart.touch AS t, history.clock AS k
  WHERE t.head AND t.direction = 'push' AND t.purpose NOT IN ('service', 'safety')
    AND (t.status IS NULL OR t.status IN ('sent', 'delivered', 'uncertain'))
    AND t.day > k.as_of - 365 AND t.occurred_at <= k.as_of_end
),
spaced AS (
  SELECT p.hcp_no, p.day, c.rule_no, p.second,
    lag(p.second, r.back) OVER (PARTITION BY c.rule_no, p.hcp_no ORDER BY p.second) AS earlier, r.seconds
  FROM pushed AS p JOIN rule_channel AS c ON c.channel = p.channel JOIN rule AS r ON r.rule_no = c.rule_no
),
teams AS (
  SELECT p.hcp_no, p.day, count(DISTINCT r.team) AS n
  FROM pushed AS p JOIN mart.rep AS r ON r.rep_id = p.rep_id
  WHERE p.channel IN ('in_person', 'video', 'phone')
  GROUP BY p.hcp_no, p.day HAVING count(DISTINCT r.team) > 1
)
SELECT CASE WHEN r.kind = 'gap' THEN 'too_close' ELSE 'too_many' END AS kind, s.hcp_no, s.day, r.detail,
  CAST(CASE WHEN r.kind = 'gap' THEN (s.second - s.earlier) / 86400 ELSE r.back + 1 END AS INTEGER) AS n
FROM spaced AS s JOIN rule AS r ON r.rule_no = s.rule_no
WHERE s.second - s.earlier < s.seconds
UNION ALL
SELECT 'two_teams', hcp_no, day, 'two teams on one day', CAST(n AS INTEGER) FROM teams;
