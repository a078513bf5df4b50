-- Where one more unit pays most: every limit with a price, and each rep's dearest day with the use of the whole horizon.
-- needs: plan.price
(SELECT kind, name, rep_id, day, price::DOUBLE AS price, used::DOUBLE AS used, capacity::DOUBLE AS capacity
    FROM plan.price WHERE kind <> 'rep_day' AND price > 0.0005 ORDER BY price DESC, name LIMIT 12)
UNION ALL
(SELECT 'rep_day', max(name), rep_id, arg_max(day, price), max(price)::DOUBLE, sum(used)::DOUBLE, sum(capacity)::DOUBLE
    FROM plan.price WHERE kind = 'rep_day' GROUP BY rep_id HAVING max(price) > 0.0005
    ORDER BY max(price) DESC, rep_id LIMIT 10)
