-- Everybody who may be in charge of an HCP.
-- needs: mart.rep
SELECT rep_id, name, kind, team, territory_id, manager_id, minutes_per_day::DOUBLE AS minutes FROM mart.rep
ORDER BY name, rep_id
