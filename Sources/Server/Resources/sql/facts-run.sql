-- The plan of the snapshot.
-- needs: plan.run
SELECT * FROM plan.run LIMIT 1
