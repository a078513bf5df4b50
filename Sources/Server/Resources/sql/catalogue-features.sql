-- Features and models that can be used again.
-- needs: catalogue.feature
SELECT name, kind, version, owner, grain, inputs, tests, fresh_as_of, "rows"::BIGINT AS n, drift::DOUBLE AS drift, drift_word, note, place
FROM catalogue.feature ORDER BY kind, name
