-- Specialties with contacts, most contacted first.
-- needs: report.preference
SELECT specialty FROM report.preference WHERE specialty IS NOT NULL GROUP BY specialty ORDER BY sum(contacts) DESC, specialty LIMIT 60
