-- Booked appointments in person of a rep on a day. 1: the rep; 2: the day.
-- needs: canon.appointment, mart.xref
SELECT x.hcp_id, max(hour(a.starts_at) * 60 + minute(a.starts_at))::INTEGER AS start_minute,
  max(coalesce(a.minutes, 45))::DOUBLE AS minutes
FROM canon.appointment AS a JOIN mart.xref AS x ON x.source = a.source AND x.source_hcp_id = a.hcp_id
WHERE a.rep_id = ? AND CAST(a.starts_at AS DATE) = CAST(? AS DATE) AND coalesce(a.channel, 'in_person') = 'in_person'
  AND coalesce(lower(a.status), 'booked') NOT IN ('cancelled', 'canceled', 'no_show', 'declined')
GROUP BY x.hcp_id ORDER BY 2, 1
