-- Goals that an HCP belongs to, with what was done and is planned. 1: number of the HCP.
-- needs: plan.goal, plan.goal_hcp, plan.decision
SELECT g.goal, g.channels, p.least::BIGINT AS least, p.most::BIGINT AS most, p.done::BIGINT AS done, g.end_day,
  (p.least * g.elapsed)::DOUBLE AS due,
  (SELECT count(*) FROM plan.decision d WHERE d.hcp_no = p.hcp_no AND d.day <= g.end_day
    AND list_contains(string_split(g.channels, ';'), d.channel))::BIGINT AS planned
FROM plan.goal g JOIN plan.goal_hcp p ON p.goal = g.goal WHERE p.hcp_no = ? ORDER BY g.rowid
