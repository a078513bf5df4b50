-- What people wrote: inquiries, service cases, rep's notes, interviews, answers in words.
-- grain: source × kind × message_id
-- keys: source, message_kind, message_id
-- inputs: canon.inquiry, canon.service_case, canon.note, canon.interview, canon.survey, mart.xref,
--   insight.reading
--
-- A view: every text is read once, when it is new (insight.reading).
CREATE OR REPLACE VIEW insight.message AS
SELECT m.source, m.message_kind, m.message_id, x.hcp_no, m.at, m.channel, m.product_id, m.rep_id, m.body
FROM (
  SELECT source, 'inquiry' AS message_kind, inquiry_id AS message_id, hcp_id, received_at AS at, channel, product_id,
    CAST(NULL AS VARCHAR) AS rep_id, "text" AS body FROM canon.inquiry
  UNION ALL
  SELECT source, 'service_case', case_id, hcp_id, opened_at, NULL, product_id, assignee_rep_id, "text"
  FROM canon.service_case
  UNION ALL
  SELECT source, 'note', note_id, hcp_id, written_at, NULL, NULL, rep_id, "text" FROM canon.note
  UNION ALL
  SELECT source, 'interview', interview_id, hcp_id, held_at, NULL, NULL, NULL, "text" FROM canon.interview
  UNION ALL
  SELECT source, 'comment', survey_id, hcp_id, asked_at, NULL, NULL, NULL, answer FROM canon.survey
  WHERE length(answer) - length(replace(answer, ' ', '')) >= 3
) AS m
LEFT JOIN mart.xref AS x ON x.source = m.source AND x.source_hcp_id = m.hcp_id
WHERE m.body IS NOT NULL AND trim(m.body) <> '';

CREATE OR REPLACE VIEW insight.inquiry AS
SELECT m.source, m.message_kind, m.message_id, m.hcp_no, m.at, m.channel, m.product_id, m.rep_id, m.body, r.kind,
  r.topic, r.need, r.urgency, r.medical, r.safety, r.serious, r.evidence,
  CASE WHEN r.safety IS NOT NULL THEN m.at + CASE WHEN r.serious THEN INTERVAL 4 HOUR ELSE INTERVAL 24 HOUR END END
    AS deadline_at, r.reader
FROM insight.message AS m JOIN insight.reading AS r
  ON r.source = m.source AND r.message_kind = m.message_kind AND r.message_id = m.message_id;
