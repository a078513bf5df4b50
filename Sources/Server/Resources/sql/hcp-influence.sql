-- How central the HCP is. 1: number of the HCP.
-- needs: insight.influence
SELECT centrality, centrality_rank::BIGINT AS centrality_rank, ties::BIGINT AS ties, influence, community::BIGINT AS community,
    (SELECT count(*) FROM insight.influence)::BIGINT AS people
FROM insight.influence WHERE hcp_no = ?
