-- The actions that the plan chose from.
-- needs: plan.action
SELECT action_no, channel, content_id, product_id, minutes::DOUBLE AS minutes, sender_kind, objective FROM plan.action
ORDER BY action_no
