-- What the system will send to some HCPs by itself. 1: numbers, separated by commas.
-- needs: plan.decision
SELECT hcp_no, day, hour, channel, content_id
FROM plan.decision
WHERE hcp_no IN (SELECT unnest(string_split(?, ',')::INTEGER[])) AND sender = 'system' AND day IS NOT NULL
    AND purpose <> 'medical'
ORDER BY hcp_no, day
