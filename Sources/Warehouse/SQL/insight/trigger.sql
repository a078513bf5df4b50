-- What happened or is about to happen that a person or a journey should answer, with its evidence in words.
-- grain: kind × subject × product × occasion
-- keys: trigger_id (the same occasion has the same id on every day that it is true: nothing is delivered twice)
-- inputs: insight.need, insight.change, insight.lapse, insight.replenish, insight.purchase, insight.inquiry,
--   insight.trigger_calibration, canon.service_case, canon.product, feature.contact, mart.hcp, mart.hco, mart.affiliation, mart.xref, history.clock
--
-- score lies in 0…1: how sure the trigger is, corrected by what a back-test has shown of earlier scores
-- (`rapport evaluate --triggers`). alarm: within the most certain hundredth of its kind's subjects (at least
-- one; of `need_due` those whose chance stands out most from their own usual one), and surer than not. audience `console`: rests on a volume that a data right hides from the field; `safety`: a
-- report for the safety officer only. A trigger of an account names the HCP who last signed an order there, else the
-- buyer, else the strongest tie.
CREATE OR REPLACE TABLE insight.trigger AS
WITH clock AS (SELECT as_of FROM history.clock),
buyer AS (
  SELECT hco_id, hcp_no FROM (
    SELECT a.hco_id, a.hcp_no, row_number() OVER (
      PARTITION BY a.hco_id ORDER BY CASE WHEN s.hcp_no IS NOT NULL THEN 0 ELSE 1 END,
        CASE a.buying_role WHEN 'buyer' THEN 0 WHEN 'decider' THEN 1 ELSE 2 END, coalesce(a.strength, 0) DESC, a.hcp_no
    ) AS n
    FROM mart.affiliation AS a LEFT JOIN (
      SELECT p.hco_id, x.hcp_no FROM (
        SELECT hco_id, arg_max(buyer, day) AS buyer FROM insight.purchase WHERE buyer IS NOT NULL GROUP BY hco_id
      ) AS p JOIN mart.xref AS x ON x.source || '|' || x.source_hcp_id = p.buyer
    ) AS s ON s.hco_id = a.hco_id AND s.hcp_no = a.hcp_no
  ) AS ranked WHERE n = 1
),
raised AS (
  SELECT CASE WHEN measure = 'orders' OR subject_kind = 'hco' THEN 'ordering' ELSE 'prescribing' END
      || CASE WHEN level_after < level_before THEN '_fall' ELSE '_rise' END AS kind,
    subject_kind, subject_id, hcp_no, hco_id, product_id, CAST(changed_month AS VARCHAR) AS occasion, recent AS score,
    evidence, CAST(NULL AS DATE) AS due_low, CAST(NULL AS DATE) AS due_high, (level_before + level_after) / 2 AS bound
  FROM insight.change WHERE recent >= 0.2 AND changed_month IS NOT NULL
  UNION ALL
  SELECT 'need_due', subject_kind, subject_id, hcp_no, hco_id, product_id, CAST(last_day AS VARCHAR),
    chance_14d, evidence || coalesce(' An order within a fortnight: ' || CAST(round(100 * chance_14d) AS INTEGER) || '%, against '
      || CAST(round(100 * usual_14d) AS INTEGER) || '% at any other time.', ''), least(due_low, as_of + 14), as_of + 14, NULL
  FROM insight.need, clock
  -- Now rather than at any other time: who orders every week is no occasion.
  WHERE subject_kind = 'hco' AND basis = 'own' AND chance_14d >= coalesce(usual_14d, 0) + 0.05
  UNION ALL
  SELECT 'silent_customer', subject_kind, subject_id, hcp_no, hco_id, product_id, CAST(last_day AS VARCHAR),
    1 - p_active, evidence, NULL, as_of + CAST(ceil(interval_days) AS INTEGER), NULL
  FROM insight.need, clock WHERE overdue_days > 0 AND purchases >= 4 AND p_active < 0.6 AND p_active > 0.02
  UNION ALL
  SELECT kind || '_lapse', 'hco', hco_id, NULL, hco_id, product_id, item_id, 1 - coalesce(renewal_chance, 0.5),
    evidence, end_day, end_day, NULL
  FROM insight.lapse WHERE days_left BETWEEN 0 AND 90
  UNION ALL
  SELECT 'order_proposal', 'hco', hco_id, NULL, hco_id, product_id, CAST(CAST(date_trunc('week', order_by) AS DATE) AS VARCHAR),
    stockout_probability, evidence, order_by, order_by, NULL
  FROM insight.replenish, clock WHERE quantity > 0 AND order_by <= as_of + 7
  UNION ALL
  SELECT 'treatment_research', 'hcp', h.hcp_id, h.hcp_no, NULL, c.product_id,
    CAST(CAST(date_trunc('month', max(c.day)) AS DATE) AS VARCHAR),
    least(0.99, count(CASE WHEN c.age < 14 THEN 1 END) / 6.0), 'Looked at '
      || coalesce(max(p.brand), c.product_id) || ' ' || count(CASE WHEN c.age < 14 THEN 1 END)
      || ' times in the last two weeks, against ' || count(CASE WHEN c.age >= 14 THEN 1 END)
      || ' in the ten weeks before.', NULL, NULL, NULL
  FROM feature.contact AS c JOIN mart.hcp AS h ON h.hcp_no = c.hcp_no
  LEFT JOIN canon.product AS p ON p.product_id = c.product_id
  WHERE c.direction = 'pull' AND c.age < 84 AND c.product_id IS NOT NULL
  GROUP BY h.hcp_id, h.hcp_no, c.product_id
  HAVING count(CASE WHEN c.age < 14 THEN 1 END) >= 2
    AND count(CASE WHEN c.age < 14 THEN 1 END) * 3 > count(CASE WHEN c.age >= 14 THEN 1 END)
  UNION ALL
  SELECT 'message_engaged', 'hcp', h.hcp_id, h.hcp_no, NULL, c.product_id, CAST(max(c.day) AS VARCHAR), 0.9,
    'Answered or clicked a message of ' || coalesce(max(p.brand), 'ours') || '.', NULL, NULL, NULL
  FROM feature.contact AS c JOIN mart.hcp AS h ON h.hcp_no = c.hcp_no
  LEFT JOIN canon.product AS p ON p.product_id = c.product_id
  WHERE c.direction = 'push' AND c.age < 3 AND c.level >= 2
    AND c.channel IN ('email', 'email_rep', 'sms', 'messaging')
  GROUP BY h.hcp_id, h.hcp_no, c.product_id
  UNION ALL
  SELECT 'case_logged', 'hcp', h.hcp_id, h.hcp_no, s.hco_id, s.product_id, s.case_id, 1.0,
    'A service case was logged' || coalesce(': ' || s.kind, '') || '.', NULL, NULL, NULL
  FROM canon.service_case AS s JOIN mart.xref AS x ON x.source = s.source AND x.source_hcp_id = s.hcp_id
  JOIN mart.hcp AS h ON h.hcp_no = x.hcp_no, clock
  WHERE CAST(s.opened_at AS DATE) > as_of - 7 AND s.closed_at IS NULL
  UNION ALL
  SELECT 'inquiry_open', 'hcp', h.hcp_id, h.hcp_no, NULL, i.product_id, i.message_id,
    CASE i.urgency WHEN 'high' THEN 0.9 WHEN 'normal' THEN 0.6 ELSE 0.4 END,
    'Asked about ' || CASE i.kind WHEN 'technical' THEN 'a technical problem' WHEN 'contact_wish' THEN 'how to be reached'
      WHEN 'order' THEN 'an order' WHEN 'price' THEN 'prices' WHEN 'delivery' THEN 'a delivery' WHEN 'praise' THEN 'our work'
      WHEN 'other' THEN 'something that no rule names' ELSE i.kind END || '.', NULL, NULL, NULL
  FROM insight.inquiry AS i JOIN mart.hcp AS h ON h.hcp_no = i.hcp_no, clock
  WHERE i.message_kind = 'inquiry' AND NOT i.medical AND CAST(i.at AS DATE) > as_of - 3
  UNION ALL
  SELECT 'safety_report', 'hcp', coalesce(h.hcp_id, i.message_id), h.hcp_no, NULL, i.product_id, i.message_id, 1.0,
    'May tell of ' || replace(i.safety, '_', ' ') || CASE WHEN i.serious THEN ', serious' ELSE '' END
      || ': due by ' || strftime(i.deadline_at, '%Y-%m-%d %H:%M') || ' UTC.', NULL, CAST(i.deadline_at AS DATE), NULL
  FROM insight.inquiry AS i LEFT JOIN mart.hcp AS h ON h.hcp_no = i.hcp_no, clock
  WHERE i.safety IS NOT NULL AND CAST(i.at AS DATE) > as_of - 7
),
told AS (
  SELECT r.kind, r.subject_kind, r.subject_id, r.hcp_no, r.hco_id, r.product_id, r.occasion,
    CASE WHEN c.kind IS NULL THEN greatest(0, least(1, r.score))
      ELSE 1 / (1 + exp(-(c.slope * ln(greatest(0.001, least(0.999, r.score))
        / (1 - greatest(0.001, least(0.999, r.score)))) + c.shift))) END AS score,
    r.evidence, r.due_low, r.due_high, r.bound
  FROM raised AS r LEFT JOIN insight.trigger_calibration AS c ON c.kind = r.kind
),
placed AS (
  SELECT r.kind, r.subject_kind, r.subject_id, coalesce(r.hcp_no, b.hcp_no) AS hcp_no, r.hco_id, r.product_id,
    r.occasion, r.score, r.evidence, r.due_low, r.due_high, r.bound,
    row_number() OVER (
      PARTITION BY r.kind ORDER BY coalesce(n.chance_14d - n.usual_14d, r.score) DESC, r.score DESC, r.subject_id, r.product_id
    ) AS place,
    CASE WHEN r.subject_kind = 'hcp' THEN (SELECT count(*) FROM mart.hcp) ELSE (SELECT count(*) FROM mart.hco) END
      AS subjects
  FROM told AS r LEFT JOIN buyer AS b ON b.hco_id = r.hco_id AND r.hcp_no IS NULL
  LEFT JOIN insight.need AS n ON r.kind = 'need_due' AND n.subject_kind = r.subject_kind AND n.subject_id = r.subject_id
    AND n.product_id = r.product_id
)
SELECT p.kind || ':' || p.subject_id || ':' || coalesce(p.product_id, '') || ':' || p.occasion AS trigger_id, p.kind,
  p.subject_kind, p.subject_id, CAST(p.hcp_no AS INTEGER) AS hcp_no, h.hcp_id, p.hco_id, p.product_id, p.evidence,
  CAST(p.score AS DOUBLE) AS score, CAST(p.place AS INTEGER) AS place,
  p.kind = 'safety_report' OR (p.score >= 0.5 AND p.place <= greatest(1, ceil(0.01 * p.subjects))) AS alarm,
  CASE WHEN p.kind = 'safety_report' THEN 'safety'
    WHEN p.subject_kind = 'hcp' AND coalesce(h.hides_volume, FALSE) AND p.kind IN ('prescribing_fall',
      'prescribing_rise', 'ordering_fall', 'ordering_rise', 'need_due', 'silent_customer') THEN 'console'
    ELSE 'all' END AS audience,
  p.due_low, p.due_high, p.bound
FROM placed AS p LEFT JOIN mart.hcp AS h ON h.hcp_no = p.hcp_no
ORDER BY kind, place;

INSERT INTO history.trigger
SELECT t.trigger_id, t.kind, t.subject_kind, t.subject_id, t.hcp_id, t.product_id, k.as_of, t.score, t.due_low,
  t.due_high, t.bound, t.alarm
FROM insight.trigger AS t, history.clock AS k
WHERE t.trigger_id NOT IN (SELECT trigger_id FROM history.trigger);
