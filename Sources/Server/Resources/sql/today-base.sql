-- Where a rep's day begins, and in which zone. 1: the rep.
-- needs: mart.rep
SELECT home_latitude, home_longitude, timezone FROM mart.rep WHERE rep_id = ?
