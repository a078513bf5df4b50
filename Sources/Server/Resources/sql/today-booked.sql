-- Booked appointments in person of a rep around a day, with the zone of the HCP. 1: the rep; 2 and 3: the day.
-- needs: canon.appointment, mart.xref, mart.hcp
SELECT x.hcp_id, epoch_us(a.starts_at) AS at, max(coalesce(a.minutes, 45))::DOUBLE AS minutes, h.timezone
FROM canon.appointment AS a JOIN mart.xref AS x ON x.source = a.source AND x.source_hcp_id = a.hcp_id
JOIN mart.hcp AS h ON h.hcp_id = x.hcp_id
WHERE a.rep_id = ? AND CAST(a.starts_at AS DATE) BETWEEN CAST(? AS DATE) - 1 AND CAST(? AS DATE) + 1
  AND coalesce(a.channel, 'in_person') = 'in_person'
  AND coalesce(lower(a.status), 'booked') NOT IN ('cancelled', 'canceled', 'no_show', 'declined')
GROUP BY x.hcp_id, a.starts_at, h.timezone ORDER BY 2, 1
