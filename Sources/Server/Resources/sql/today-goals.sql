-- How far a rep's HCPs are along the goals: touches. 1: the rep.
-- needs: plan.goal, plan.goal_hcp, mart.hcp_rep
SELECT g.goal, count(*)::BIGINT AS hcps, sum(p.least)::BIGINT AS target,
  sum(least(p.done, p.least))::BIGINT AS done, ceil(sum(p.least * g.elapsed) - 1e-9)::BIGINT AS due
FROM plan.goal g JOIN plan.goal_hcp p ON p.goal = g.goal
WHERE p.hcp_no IN (SELECT hcp_no FROM mart.hcp_rep WHERE rep_id = ?)
GROUP BY g.goal, g.rowid ORDER BY g.rowid LIMIT 6
