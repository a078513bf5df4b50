-- Synonyms of open vocabularies: what a source calls a specialty, topic, format or review state, and what it means.
-- grain: kind × synonym
-- keys: kind, synonym (lower case, words joined by _)
-- inputs: history.code
--
-- The company's own rows (history.code) win over the built-in ones.
CREATE OR REPLACE TABLE mart.code AS
WITH built_in(kind, synonym, canonical) AS (
  VALUES
    ('specialty', 'cardiovascular_disease', 'cardiology'), ('specialty', 'cardiovascular', 'cardiology'),
    ('specialty', 'cardiologist', 'cardiology'), ('specialty', 'card', 'cardiology'),
    ('specialty', 'internal_medicine_cardiovascular_disease', 'cardiology'), ('specialty', '207rc0000x', 'cardiology'),
    ('specialty', 'interventional_cardiologist', 'interventional_cardiology'),
    ('specialty', '207ri0011x', 'interventional_cardiology'),
    ('specialty', 'hematology_oncology', 'oncology'), ('specialty', 'medical_oncology', 'oncology'),
    ('specialty', 'haematology_oncology', 'oncology'), ('specialty', 'oncologist', 'oncology'),
    ('specialty', '207rx0202x', 'oncology'), ('specialty', '207rh0003x', 'oncology'),
    ('specialty', 'family_practice', 'general_practice'), ('specialty', 'family_medicine', 'general_practice'),
    ('specialty', 'general_practitioner', 'general_practice'), ('specialty', 'gp', 'general_practice'),
    ('specialty', 'primary_care', 'general_practice'), ('specialty', 'allgemeinmedizin', 'general_practice'),
    ('specialty', '207q00000x', 'general_practice'), ('specialty', '208d00000x', 'general_practice'),
    ('specialty', 'internist', 'internal_medicine'), ('specialty', 'internal_med', 'internal_medicine'),
    ('specialty', '207r00000x', 'internal_medicine'),
    ('specialty', 'endocrinology_diabetes_metabolism', 'endocrinology'), ('specialty', 'endo', 'endocrinology'),
    ('specialty', 'endocrinologist', 'endocrinology'), ('specialty', '207re0101x', 'endocrinology'),
    ('specialty', 'gastroenterologist', 'gastroenterology'), ('specialty', 'gi', 'gastroenterology'),
    ('specialty', '207rg0100x', 'gastroenterology'),
    ('specialty', 'dentist', 'general_dentistry'), ('specialty', 'dentistry', 'general_dentistry'),
    ('specialty', '1223g0001x', 'general_dentistry'), ('specialty', '122300000x', 'general_dentistry'),
    ('specialty', 'surgery', 'general_surgery'), ('specialty', 'surgeon', 'general_surgery'),
    ('specialty', '208600000x', 'general_surgery'),
    ('specialty', 'ophthalmologist', 'ophthalmology'), ('specialty', '207w00000x', 'ophthalmology'),
    ('specialty', 'orthopedic_surgery', 'orthopaedic_surgery'), ('specialty', 'orthopedics', 'orthopaedic_surgery'),
    ('specialty', 'orthopaedics', 'orthopaedic_surgery'), ('specialty', 'ortho', 'orthopaedic_surgery'),
    ('specialty', '207x00000x', 'orthopaedic_surgery'),
    ('specialty', 'diagnostic_radiology', 'radiology'), ('specialty', 'radiologist', 'radiology'),
    ('specialty', '2085r0202x', 'radiology'),
    ('specialty', 'neurologist', 'neurology'), ('specialty', '2084n0400x', 'neurology'),
    ('specialty', 'dermatologist', 'dermatology'), ('specialty', '207n00000x', 'dermatology'),
    ('specialty', 'psychiatrist', 'psychiatry'), ('specialty', '2084p0800x', 'psychiatry'),
    ('specialty', 'pulmonary_disease', 'pulmonology'), ('specialty', 'pneumology', 'pulmonology'),
    ('specialty', 'urologist', 'urology'), ('specialty', 'nephrologist', 'nephrology'),
    ('specialty', 'rheumatologist', 'rheumatology'), ('specialty', 'pediatrics', 'paediatrics'),
    ('specialty', 'pediatrician', 'paediatrics'), ('specialty', '208000000x', 'paediatrics'),
    ('specialty', 'obstetrics_gynecology', 'gynaecology'), ('specialty', 'gynecology', 'gynaecology'),
    ('specialty', 'anesthesiology', 'anaesthesiology'), ('specialty', 'hematology', 'haematology'),
    ('topic', 'clinical_efficacy', 'efficacy'), ('topic', 'effectiveness', 'efficacy'), ('topic', 'moa', 'mechanism'),
    ('topic', 'mechanism_of_action', 'mechanism'), ('topic', 'tolerability', 'safety'),
    ('topic', 'side_effects', 'safety'),
    ('topic', 'safety_profile', 'safety'), ('topic', 'cost', 'cost_and_coverage'),
    ('topic', 'coverage', 'cost_and_coverage'),
    ('topic', 'access', 'cost_and_coverage'), ('topic', 'reimbursement', 'cost_and_coverage'),
    ('topic', 'cost_coverage', 'cost_and_coverage'), ('topic', 'posology', 'dosing'), ('topic', 'dosage', 'dosing'),
    ('topic', 'product_launch', 'product_news'), ('topic', 'news', 'product_news'), ('topic', 'training', 'education'),
    ('topic', 'disease_education', 'education'), ('topic', 'cme', 'education'),
    ('format', 'infographics', 'infographic'), ('format', 'scientific_paper', 'paper'), ('format', 'reprint', 'paper'),
    ('format', 'article', 'paper'), ('format', 'publication', 'paper'), ('format', 'video_clip', 'video'),
    ('format', 'movie', 'video'), ('format', 'mp4', 'video'), ('format', 'e_detail', 'detail_aid'),
    ('format', 'edetail', 'detail_aid'), ('format', 'clm', 'detail_aid'), ('format', 'slides', 'detail_aid'),
    ('format', 'presentation', 'detail_aid'), ('format', 'newsletter', 'email'), ('format', 'e_mail', 'email'),
    ('format', 'html_email', 'email'), ('format', 'webcast', 'webinar'), ('format', 'pdf', 'document'),
    ('mlr_state', 'approved', 'approved_for_distribution'), ('mlr_state', 'approved_for_use',
    'approved_for_distribution'),
    ('mlr_state', 'distribution', 'approved_for_distribution'), ('mlr_state', 'live', 'approved_for_distribution'),
    ('mlr_state', 'steady_state', 'approved_for_distribution'), ('mlr_state', 'effective', 'approved_for_distribution'),
    ('mlr_state', 'production', 'approved_for_production'), ('mlr_state', 'approved_production',
    'approved_for_production'),
    ('mlr_state', 'review', 'in_review'), ('mlr_state', 'in_mlr_review', 'in_review'),
    ('mlr_state', 'pending_review', 'in_review'), ('mlr_state', 'under_review', 'in_review'),
    ('mlr_state', 'staged', 'draft'), ('mlr_state', 'new', 'draft'), ('mlr_state', 'in_progress', 'draft'),
    ('mlr_state', 'inactive', 'withdrawn'), ('mlr_state', 'retired', 'withdrawn'),
    ('mlr_state', 'archived', 'withdrawn'),
    ('mlr_state', 'recalled', 'withdrawn'), ('mlr_state', 'rejected', 'withdrawn'),
    ('mlr_state', 'outdated', 'superseded'),
    ('mlr_state', 'replaced', 'superseded'), ('mlr_state', 'obsolete', 'superseded')
),
own AS (
  SELECT kind, translate(lower(trim(synonym)), ' -/&,()', '_______') AS synonym, min(canonical) AS canonical
  FROM history.code GROUP BY kind, translate(lower(trim(synonym)), ' -/&,()', '_______')
)
SELECT kind, regexp_replace(synonym, '_+', '_', 'g') AS synonym, canonical FROM own
UNION ALL
SELECT b.kind, b.synonym, b.canonical FROM built_in AS b
WHERE NOT EXISTS (SELECT 1 FROM own AS o WHERE o.kind = b.kind AND regexp_replace(o.synonym, '_+', '_',
'g') = b.synonym);
