-- What two or more records share beyond an NPI: the same record of another source, a licence, a registry
-- identifier, an e-mail address, the certainty of the matching model, or a person's word.
-- grain: rec × rule × value, only values that at least two records hold
-- keys: rec, key
-- inputs: resolve.record, canon.identifier, history.match_link
--
-- A value links nobody when its holders contradict each other: two NPIs; for licences and addresses two surnames
-- or two initials (boards number their licences independently, practices share mailboxes). Nor when a person has said
-- of two of its holders that they are different.
CREATE OR REPLACE TABLE resolve.link AS
WITH generic(mailbox) AS (
  VALUES ('info'), ('office'), ('contact'), ('admin'), ('administrator'), ('reception'), ('frontdesk'),
    ('front.desk'), ('appointments'), ('appointment'), ('mail'), ('email'), ('enquiries'), ('inquiries'),
    ('hello'), ('support'), ('service'), ('secretary'), ('secretariat'), ('sekretariat'), ('praxis'),
    ('practice'), ('clinic'), ('hospital'), ('kontakt'), ('accueil'), ('billing'), ('staff'), ('team'),
    ('webmaster'), ('postmaster'), ('noreply'), ('no-reply'), ('help'), ('sales'), ('purchasing'), ('pharmacy'),
    ('unknown'), ('none'), ('na'), ('test'), ('nurse'), ('nurses'), ('doctor'), ('doctors'), ('referrals')
),
named AS (
  SELECT r.rec, lower(i.scheme) AS scheme, upper(trim(i.value)) AS value, r.last_name
  FROM canon.identifier AS i
  JOIN resolve.record AS r ON r.source = i.source AND r.source_hcp_id = i.subject_id
  WHERE i.subject_kind = 'hcp' AND i.value IS NOT NULL AND trim(i.value) <> '' AND i.scheme IS NOT NULL
    AND lower(i.scheme) NOT IN ('npi', 'pdrp', 'taxonomy')
),
-- Both ends of what the model or a person said of two records.
matched AS (
  SELECT r.rec, m.same, m.origin,
    m.left_source || '|' || m.left_id || '|' || m.right_source || '|' || m.right_id AS pair
  FROM history.match_link AS m JOIN resolve.record AS r ON r.source = m.left_source AND r.source_hcp_id = m.left_id
  UNION ALL
  SELECT r.rec, m.same, m.origin,
    m.left_source || '|' || m.left_id || '|' || m.right_source || '|' || m.right_id
  FROM history.match_link AS m JOIN resolve.record AS r ON r.source = m.right_source AND r.source_hcp_id = m.right_id
),
apart AS (
  SELECT a.rec AS one, b.rec AS other FROM matched AS a JOIN matched AS b ON b.pair = a.pair AND b.rec <> a.rec
  WHERE NOT a.same
),
held(rec, strength, rule, value) AS (
  -- The identifier's scheme names a source: the value is that source's own id of the same person.
  SELECT n.rec, 1, 'source id', o.source || '|' || o.source_hcp_id
  FROM named AS n JOIN resolve.record AS o ON lower(o.source) = n.scheme AND upper(o.source_hcp_id) = n.value
  UNION ALL
  SELECT o.rec, 1, 'source id', o.source || '|' || o.source_hcp_id
  FROM named AS n JOIN resolve.record AS o ON lower(o.source) = n.scheme AND upper(o.source_hcp_id) = n.value
  UNION ALL
  SELECT rec, 2, 'licence', scheme || '|' || value || '|' || last_name FROM named
  WHERE scheme LIKE 'licence:%' OR scheme LIKE 'license:%'
  UNION ALL
  SELECT rec, 3, 'identifier', scheme || '|' || value FROM named
  WHERE scheme NOT LIKE 'licence%' AND scheme NOT LIKE 'license%'
  UNION ALL
  SELECT rec, 4, 'e-mail', email || '|' || last_name FROM resolve.record
  WHERE email LIKE '_%@_%' AND substr(email, 1, strpos(email, '@') - 1) NOT IN (SELECT mailbox FROM generic)
  UNION ALL
  SELECT m.rec, CASE m.origin WHEN 'person' THEN 0 ELSE 5 END, CASE m.origin WHEN 'person' THEN 'review' ELSE 'match' END,
    m.pair FROM matched AS m WHERE m.same
),
holder AS (
  SELECT DISTINCT h.rec, h.strength, h.rule, h.value, r.npi, r.initial, r.email, r.last_name
  FROM held AS h JOIN resolve.record AS r ON r.rec = h.rec
),
-- An address that people of two NPIs use is a shared one, whatever their surnames.
shared AS (
  SELECT email FROM resolve.record WHERE email IS NOT NULL AND npi IS NOT NULL
  GROUP BY email HAVING count(DISTINCT npi) > 1
),
torn AS (
  SELECT DISTINCT x.rule, x.value FROM apart AS a JOIN holder AS x ON x.rec = a.one
  JOIN holder AS y ON y.rec = a.other AND y.rule = x.rule AND y.value = x.value
),
usable AS (
  SELECT rule, value FROM holder
  WHERE rule <> 'e-mail' OR email NOT IN (SELECT email FROM shared)
  GROUP BY rule, value
  HAVING count(*) > 1 AND count(DISTINCT npi) <= 1
    AND (rule IN ('source id', 'identifier', 'match', 'review') OR count(DISTINCT initial) <= 1)
)
SELECT h.rec, h.strength, h.rule, h.rule || '|' || h.value AS key
FROM holder AS h JOIN usable AS u ON u.rule = h.rule AND u.value = h.value
LEFT JOIN torn AS t ON t.rule = h.rule AND t.value = h.value
WHERE t.rule IS NULL;
