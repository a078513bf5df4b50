-- What the arms achieved in the last measured period.
-- needs: report.lift
SELECT arm, outcome::DOUBLE AS outcome, lift::DOUBLE AS lift, lift_low::DOUBLE AS lift_low, lift_high::DOUBLE AS lift_high
FROM report.lift
