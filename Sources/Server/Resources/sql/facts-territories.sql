-- Names of territories.
-- needs: canon.territory
SELECT territory_id, name FROM canon.territory
