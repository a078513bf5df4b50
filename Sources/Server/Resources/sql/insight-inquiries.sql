-- What HCPs asked in the last 90 days, by kind. Kinds alone, no text: safe for everybody.
-- needs: insight.inquiry, history.clock
SELECT i.kind, i.medical, count(*)::BIGINT AS n, count(CASE WHEN i.urgency = 'high' THEN 1 END)::BIGINT AS urgent
FROM insight.inquiry i, history.clock k WHERE i.message_kind = 'inquiry' AND CAST(i.at AS DATE) > k.as_of - 90
GROUP BY i.kind, i.medical ORDER BY n DESC, i.kind
