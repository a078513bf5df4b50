-- What was foretold for a month, compared with what came.
-- needs: report.forecast
SELECT month::DATE AS month, product_id, measure, hcps::BIGINT AS hcps, observed::DOUBLE AS observed,
    predicted::DOUBLE AS predicted, deviance::DOUBLE AS deviance, deviance_three_months::DOUBLE AS base,
    top_decile_lift::DOUBLE AS lift
FROM report.forecast ORDER BY month DESC, product_id, measure LIMIT 24
