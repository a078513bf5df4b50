-- The strongest ties of the HCP, both directions together, with how central the other is. 1, 2: number of the HCP.
-- needs: insight.tie, insight.influence, mart.hcp, mart.hcp_rep
-- The twelve are chosen first: who looks after them is asked for them alone.
WITH own AS (
    SELECT to_no AS other, weight AS asks, 0.0 AS asked, referred_patients AS referred, 0.0 AS received, shared_patients, shared_places, shared_events
    FROM insight.tie WHERE from_no = ?
    UNION ALL
    SELECT from_no, 0.0, weight, 0.0, referred_patients, 0.0, 0, 0 FROM insight.tie WHERE to_no = ?
), summed AS (
    SELECT other, sum(asks) AS asks, sum(asked) AS asked, sum(referred) AS referred, sum(received) AS received,
        sum(shared_patients) AS shared, sum(shared_places)::BIGINT AS places, sum(shared_events)::BIGINT AS events
    FROM own GROUP BY other
), best AS MATERIALIZED (
    SELECT s.*, coalesce(i.centrality, 0) AS centrality, coalesce(i.community, -1)::BIGINT AS community
    FROM summed s LEFT JOIN insight.influence i ON i.hcp_no = s.other
    ORDER BY s.asks + s.asked DESC, i.centrality DESC, s.other LIMIT 12
), charge AS (
    SELECT r.hcp_no, string_agg(r.rep_id, ';') AS reps FROM mart.hcp_rep r JOIN best b ON b.other = r.hcp_no GROUP BY r.hcp_no
)
SELECT h.hcp_no::BIGINT AS hcp_no, h.hcp_id, h.first_name, h.last_name, h.credential, h.specialty, s.asks, s.asked, s.referred, s.received, s.shared, s.places,
    s.events, s.centrality, s.community, charge.reps
FROM best s JOIN mart.hcp h ON h.hcp_no = s.other LEFT JOIN charge ON charge.hcp_no = s.other
ORDER BY s.asks + s.asked DESC, s.centrality DESC, h.hcp_no
