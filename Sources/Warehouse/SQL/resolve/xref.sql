-- The crosswalk: which golden HCP a source's own identifier means.
-- grain: source × source_hcp_id
-- keys: source, source_hcp_id
-- inputs: resolve.component, resolve.numbered, history.golden_member, history.delivery
--
-- A source that delivers no HCPs of its own (an event log, a volume file) speaks of the golden identities, or of the
-- ids of the best source: its ids resolve as those do.
CREATE OR REPLACE TABLE mart.xref AS
SELECT c.source, c.source_hcp_id, g.hcp_id,
  CASE WHEN c.rec = c.component THEN 'founder' ELSE c.rule END AS rule, g.hcp_no AS hcp_no
FROM resolve.component AS c JOIN resolve.numbered AS g ON g.component = c.component;

INSERT INTO mart.xref (source, source_hcp_id, hcp_id, rule, hcp_no)
WITH guest AS (
  SELECT DISTINCT source FROM history.delivery
  WHERE source NOT IN (SELECT source FROM resolve.component)
),
name AS (
  SELECT source_hcp_id AS id, component, row_number() OVER (PARTITION BY source_hcp_id ORDER BY rec) AS n
  FROM resolve.component
),
spoken AS (
  SELECT hcp_id AS id, component FROM resolve.numbered
  UNION ALL
  SELECT id, component FROM name WHERE n = 1 AND id NOT IN (SELECT hcp_id FROM resolve.numbered)
)
SELECT guest.source, s.id, g.hcp_id, 'shared id', g.hcp_no
FROM guest, spoken AS s JOIN resolve.numbered AS g ON g.component = s.component;

DELETE FROM history.golden_member
WHERE EXISTS (
  SELECT 1 FROM mart.xref AS x
  WHERE x.source = history.golden_member.source AND x.source_hcp_id = history.golden_member.source_hcp_id
    AND x.rule <> 'shared id' AND x.hcp_id <> history.golden_member.hcp_id);

INSERT INTO history.golden_member (source, source_hcp_id, hcp_id)
SELECT x.source, x.source_hcp_id, x.hcp_id FROM mart.xref AS x
WHERE x.rule <> 'shared id' AND NOT EXISTS (
  SELECT 1 FROM history.golden_member AS m WHERE m.source = x.source AND m.source_hcp_id = x.source_hcp_id);
