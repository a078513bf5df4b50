-- Where one more unit pays most: the dearest rep-days and every limit with a price.
-- needs: plan.price
(SELECT kind, name, rep_id, day, price::DOUBLE AS price, used::DOUBLE AS used, capacity::DOUBLE AS capacity
    FROM plan.price WHERE kind <> 'rep_day' AND price > 0.0005 ORDER BY price DESC, name LIMIT 12)
UNION ALL
(SELECT kind, name, rep_id, day, price::DOUBLE, used::DOUBLE, capacity::DOUBLE
    FROM plan.price WHERE kind = 'rep_day' AND price > 0.0005 ORDER BY price DESC, rep_id, day LIMIT 10)
