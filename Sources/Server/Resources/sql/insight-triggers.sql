-- Alarms of the day, surest first within each kind. 1: whether those of the console are shown; 2: of safety.
-- needs: insight.trigger, mart.hcp, mart.hco, canon.product
SELECT t.kind, t.subject_kind, t.hcp_id, h.first_name, h.last_name, h.credential, o.name AS account,
    coalesce(p.brand, t.product_id) AS product, t.evidence, t.score
FROM insight.trigger t LEFT JOIN mart.hcp h ON h.hcp_no = t.hcp_no LEFT JOIN mart.hco o ON o.hco_id = t.hco_id
LEFT JOIN (SELECT product_id, max(brand) AS brand FROM canon.product GROUP BY product_id) p ON p.product_id = t.product_id,
    (SELECT CAST(? AS BOOLEAN) AS console, CAST(? AS BOOLEAN) AS safety) q
WHERE t.alarm AND (t.audience = 'all' OR (t.audience = 'console' AND q.console) OR (t.audience = 'safety' AND q.safety))
QUALIFY row_number() OVER (PARTITION BY t.kind ORDER BY t.score DESC, t.place) <= 5
ORDER BY t.kind = 'safety_report' DESC, t.kind, t.score DESC, t.place
