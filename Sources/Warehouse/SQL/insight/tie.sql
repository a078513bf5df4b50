-- Who is tied to whom: referrals, shared patients, shared workplaces, small events attended together.
-- grain: from_no × to_no (both directions where the evidence has none)
-- keys: from_no, to_no
-- inputs: canon.referral, canon.claim, canon.event_attendance, mart.affiliation, mart.hcp, mart.xref
--
-- An arc leads from who asks to who is asked. The weight counts patients; a shared workplace counts as one, an event as
-- a quarter. A workplace of more than forty ties only people of one specialty, and an event of more than thirty nobody:
-- in a crowd nobody knows whom. Fewer than three shared patients are chance, and too few to show.
CREATE OR REPLACE TABLE insight.tie AS
WITH referred AS (
  SELECT f.hcp_no AS from_no, t.hcp_no AS to_no, sum(coalesce(r.patients, 1)) AS patients
  FROM canon.referral AS r
  JOIN mart.xref AS f ON f.source = r.source AND f.source_hcp_id = r.from_hcp_id
  JOIN mart.xref AS t ON t.source = r.source AND t.source_hcp_id = r.to_hcp_id
  WHERE f.hcp_no <> t.hcp_no AND coalesce(r.patients, 1) > 0
  GROUP BY f.hcp_no, t.hcp_no
),
seen AS (
  SELECT DISTINCT c.source || '|' || c.patient_token AS token, x.hcp_no
  FROM canon.claim AS c JOIN mart.xref AS x ON x.source = c.source AND x.source_hcp_id = c.hcp_id
  WHERE c.patient_token IS NOT NULL
),
few AS (SELECT token FROM seen GROUP BY token HAVING count(*) BETWEEN 2 AND 10),
shared AS (
  SELECT a.hcp_no AS from_no, b.hcp_no AS to_no, count(*) AS patients
  FROM seen AS a JOIN few AS f ON f.token = a.token JOIN seen AS b ON b.token = a.token AND b.hcp_no <> a.hcp_no
  GROUP BY a.hcp_no, b.hcp_no HAVING count(*) >= 3
),
place AS (
  SELECT a.hco_id, a.hcp_no, h.specialty, count(*) OVER (PARTITION BY a.hco_id) AS people,
    count(*) OVER (PARTITION BY a.hco_id, h.specialty) AS peers
  FROM mart.affiliation AS a JOIN mart.hcp AS h ON h.hcp_no = a.hcp_no
),
colleague AS (
  SELECT a.hcp_no AS from_no, b.hcp_no AS to_no, count(*) AS places
  FROM place AS a JOIN place AS b ON b.hco_id = a.hco_id
  WHERE b.hcp_no <> a.hcp_no AND (a.people <= 40 OR (b.specialty = a.specialty AND a.peers <= 40))
  GROUP BY a.hcp_no, b.hcp_no
),
attended AS (
  SELECT DISTINCT e.source || '|' || e.event_id AS event, x.hcp_no
  FROM canon.event_attendance AS e JOIN mart.xref AS x ON x.source = e.source AND x.source_hcp_id = e.hcp_id
  WHERE e.status = 'attended'
),
small AS (SELECT event FROM attended GROUP BY event HAVING count(*) BETWEEN 2 AND 30),
met AS (
  SELECT a.hcp_no AS from_no, b.hcp_no AS to_no, count(*) AS events
  FROM attended AS a JOIN small AS s ON s.event = a.event
  JOIN attended AS b ON b.event = a.event AND b.hcp_no <> a.hcp_no
  GROUP BY a.hcp_no, b.hcp_no
),
every AS (
  SELECT from_no, to_no, patients AS referred, 0 AS shared, 0 AS places, 0 AS events FROM referred
  UNION ALL SELECT from_no, to_no, 0, patients, 0, 0 FROM shared
  UNION ALL SELECT from_no, to_no, 0, 0, places, 0 FROM colleague
  UNION ALL SELECT from_no, to_no, 0, 0, 0, events FROM met
)
SELECT CAST(from_no AS INTEGER) AS from_no, CAST(to_no AS INTEGER) AS to_no,
  CAST(sum(referred) AS DOUBLE) AS referred_patients, CAST(sum(shared) AS DOUBLE) AS shared_patients,
  CAST(sum(places) AS INTEGER) AS shared_places, CAST(sum(events) AS INTEGER) AS shared_events,
  CAST(sum(referred) + sum(shared) + sum(places) + 0.25 * sum(events) AS DOUBLE) AS weight
FROM every
GROUP BY from_no, to_no
ORDER BY from_no, to_no;
