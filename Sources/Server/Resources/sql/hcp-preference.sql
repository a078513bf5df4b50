-- What one HCP answers to, per try, with a 90% interval. 1: number of the HCP.
-- needs: insight.preference
SELECT kind, name, format, rate::DOUBLE AS rate, low::DOUBLE AS low, high::DOUBLE AS high
FROM insight.preference WHERE hcp_no = ?
