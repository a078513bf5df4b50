-- Goals that an HCP belongs to, with what was done. 1: number of the HCP.
-- needs: plan.goal, plan.goal_hcp
SELECT g.goal, g.channels, p.least::BIGINT AS least, p.most::BIGINT AS most, p.done::BIGINT AS done, g.end_day,
  (p.least * g.elapsed)::DOUBLE AS due
FROM plan.goal g JOIN plan.goal_hcp p ON p.goal = g.goal WHERE p.hcp_no = ? ORDER BY g.rowid
