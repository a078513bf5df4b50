-- What accounts bought, one row an account, product and day: the events that timing and change are read from.
-- grain: hco_id × product_id × day
-- keys: hco_id, product_id, day
-- inputs: canon.order, canon.order_line
--
-- Orders that came to nothing are none. The last HCP who signed an order for the account is kept, so that a trigger of
-- the account finds a person.
CREATE OR REPLACE TABLE insight.purchase AS
SELECT o.hco_id, l.product_id, CAST(o.ordered_at AS DATE) AS day, round(sum(coalesce(l.quantity, 1)), 6) AS units,
  round(sum(coalesce(l.quantity, 1) * l.unit_price), 2) AS amount, count(DISTINCT o.order_id) AS orders,
  max(o.source || '|' || o.hcp_id) AS buyer
FROM canon."order" AS o JOIN canon.order_line AS l ON l.source = o.source AND l.order_id = o.order_id
WHERE o.hco_id IS NOT NULL AND l.product_id IS NOT NULL AND o.ordered_at IS NOT NULL
  AND coalesce(l.quantity, 1) > 0
  AND lower(coalesce(o.status, 'open')) NOT IN ('cancelled', 'canceled', 'rejected', 'draft', 'quote')
GROUP BY o.hco_id, l.product_id, CAST(o.ordered_at AS DATE)
ORDER BY hco_id, product_id, day;
