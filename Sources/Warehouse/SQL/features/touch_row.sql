-- How an interaction becomes a touch: golden HCP, level on the response ladder, purpose firewall. A view that the whole
-- build and the day's delta share, so that both mean the same.
-- grain: source × interaction_id
-- keys: source, interaction_id
-- inputs: feature.touch_input, mart.xref, mart.rep, feature.touch_child
--
-- The level of a touch is the response that the source states, else what its channel and status imply, raised by its
-- children. Planned, held, cancelled, bounced and failed touches reach nobody; neither do machines.
CREATE OR REPLACE VIEW feature.touch_row AS
SELECT
  hcp_no, interaction_id, occurred_at, CAST(occurred_at AS DATE) AS day, channel, direction, purpose, kind, rep_id,
  content_id, product_id, campaign_id,
  CASE WHEN bounced = 1 AND coalesce(status, 'sent') IN ('sent', 'delivered', 'uncertain') THEN 'bounced'
    ELSE status END AS status,
  CAST(greatest(CASE WHEN machine OR bounced = 1 OR status IN ('planned', 'held', 'cancelled', 'bounced', 'failed')
    THEN 0 ELSE own_level END, child_level) AS UTINYINT) AS level,
  machine, medical, duration_seconds, parent_interaction_id,
  coalesce(responded_at, child_responded_at) AS responded_at,
  -- A touch of its own, or an act of the HCP that answers none (a portal view, a question).
  kind = 'touch' OR (parent_interaction_id IS NULL AND kind IN ('view', 'click', 'reply', 'attend',
    'question')) AS head,
  source
FROM (
  SELECT x.hcp_no, i.interaction_id, i.occurred_at, i.channel, coalesce(i.direction, 'push') AS direction,
    coalesce(i.purpose, 'promotional') AS purpose, coalesce(i.kind, 'touch') AS kind, i.rep_id, i.content_id,
    i.product_id, i.campaign_id, i.status, coalesce(i.machine, FALSE) AS machine,
    coalesce(i.purpose, 'promotional') = 'medical' OR (i.rep_id IS NOT NULL
      AND i.rep_id IN (SELECT rep_id FROM mart.rep WHERE kind = 'msl')) AS medical,
    i.duration_seconds, i.parent_interaction_id, i.responded_at, i.source,
    coalesce(c.level, 0) AS child_level, c.responded_at AS child_responded_at, coalesce(c.bounced, 0) AS bounced,
    CASE
      WHEN i.response = 'none' THEN 0
      WHEN i.response = 'reached' THEN 1
      WHEN i.response = 'engaged' THEN 2
      WHEN i.response = 'advanced' THEN 3
      WHEN i.kind = 'question' THEN 3
      WHEN i.kind IN ('click', 'reply', 'attend') THEN 2
      WHEN i.kind = 'open' THEN 1
      WHEN i.kind IN ('unsubscribe', 'bounce') THEN 0
      WHEN i.channel IN ('in_person', 'video', 'phone') THEN
        CASE WHEN i.duration_seconds >= 120 OR i.direction = 'pull' THEN 2 ELSE 1 END
      -- A note that was put there reaches nobody before it is opened.
      WHEN i.channel = 'portal' AND i.kind = 'touch' AND i.direction = 'push' AND i.status IN ('sent', 'uncertain')
        THEN 0
      WHEN i.channel = 'portal' THEN CASE WHEN i.duration_seconds >= 30 THEN 2 ELSE 1 END
      WHEN i.direction = 'pull' THEN 2
      WHEN i.kind = 'view' THEN CASE WHEN i.duration_seconds >= 30 THEN 2 ELSE 1 END
      WHEN i.channel IN ('sms', 'messaging', 'mail', 'ad') AND i.status = 'delivered' THEN 1
      ELSE 0
    END AS own_level
  FROM feature.touch_input AS i
  JOIN mart.xref AS x ON x.source = i.source AND x.source_hcp_id = i.hcp_id
  LEFT JOIN feature.touch_child AS c ON c.source = i.source AND c.interaction_id = i.interaction_id
) AS row_of_touch;
