-- The actions that the plan chose from.
-- needs: plan.action
SELECT action_no, channel, product_id, sender_kind, objective FROM plan.action ORDER BY action_no
