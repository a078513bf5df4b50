import EngagementModel

/// Refuses files that seem to identify patients: by the names of their columns, and by a sample of their contents.
///
/// Rapport works on professionals and on de-identified claims. A false alarm costs a renamed column; a miss would put
/// protected health information into a marketing system, so claims are judged strictly.
enum PatientGuard {
    private static let anywhere = [
        "patient_?(first|last|full|middle|maiden)?_?(name|dob|birth|address|street|phone|tel|mobile|email|mrn|ssn|zip)",
        "patient_?(first|last)$", "patient_?(date_of_birth|birth_?date|record_?(no|number|id)|postal_?code)",
        "^(pat|pt)_(name|dob|mrn|address|phone)$", "(^|_)mrn(_|$)", "medical_?record", "(^|_)ssn(_|$)",
        "social_?security", "(beneficiary|bene|member|subscriber|insured)_?(name|dob|birth|address|phone|ssn)",
        "medicare_?beneficiary_?(id|number)", "^(mbi|hicn)$",
    ]
    private static let inClaims = [
        "birth", "(^|_)dob(_|$)", "(first|last|given|family|sur|full|middle|maiden)_?name", "^name$", "address",
        "street", "(^|_)(phone|telephone|mobile|fax|email|e_mail)", "(zip|postal)_?code|^zip$", "record_?(no|number)",
        "chart_?(no|number)", "(beneficiary|member|subscriber|policy)_?(id|no|number)$", "^patient_?(id|no|number)$",
    ]
    /// Claims may describe who provided the care.
    private static let provider = "provider|prescriber|physician|doctor|hcp|hco|facility|payer"

    /// The first column whose name says that it identifies a patient, from 0.
    static func column(among names: [String], table: String) -> Int? {
        func patterns(_ texts: [String]) -> [Regex<AnyRegexOutput>] {
            texts.compactMap { try? Regex($0).ignoresCase() }
        }
        let everywhere = patterns(anywhere)
        let strict = table == "claim" ? patterns(inClaims) : []
        let provided = patterns([provider])
        return names.firstIndex { name in
            let key = name.split { !($0.isLetter || $0.isNumber) }.joined(separator: "_").snake()
            func matches(_ list: [Regex<AnyRegexOutput>]) -> Bool { list.contains { key.firstMatch(of: $0) != nil } }
            return matches(everywhere) || matches(strict) && !matches(provided)
        }
    }

    static func refusal(_ name: String, file: String, line: Int?, column: Int?, what: String) -> Diagnostic {
        Diagnostic(
            "patient_identifier", "column `\(name)` \(what)", file: file, line: line, column: column,
            remedy: "remove the column at the source; only de-identified data may be loaded, nothing was kept")
    }

    /// Rows looked at.
    static let sample = 2000

    /// Columns of a claim whose contents are of a known harmless form.
    private static let harmlessInClaims: Set<String> = [
        "claim_id", "hcp_id", "hco_id", "service_date", "code_system", "code", "units", "known_at",
    ]

    /// SQL: how many of the sampled values look like a patient's identifier, as a share; null without values.
    ///
    /// - Parameter column: of the relation `sampled`.
    static func share(of column: String, table: String) -> String {
        let text = "CAST(\(SQLText.name(column)) AS VARCHAR)"
        func like(_ patterns: [String]) -> String {
            patterns.map { "regexp_matches(\(text), \(SQLText.literal($0 as String)))" }.joined(separator: " OR ")
        }
        let record = #"(?i)(^|\W)(\d{3}-\d{2}-\d{4}($|\D)|mrn\W{0,3}\d|medical record (no|number)|patient('s)? name)"#
        let filled = "nullif(count(\(SQLText.name(column))), 0)"
        func part(_ condition: String) -> String { "count(*) FILTER (WHERE \(condition)) / \(filled)" }
        guard table == "claim", !harmlessInClaims.contains(column.lowercased()) else { return part(like([record])) }
        var patterns = [
            record,
            // A street, a telephone number, a day of the last century, an e-mail address.
            #"^\d+ [A-Za-z. ]+(St|Street|Ave|Avenue|Road|Rd|Lane|Ln|Drive|Dr|Blvd|Way)\.?$"#,
            #"^(\+\d{7,}|(\+?1[ .-])?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})$"#,
            #"^19\d{2}-\d{2}-\d{2}|^\d{1,2}/\d{1,2}/19\d{2}$"#, #"^[^@\s]+@[^@\s]+\.[A-Za-z]+$"#,
        ]
        if column.lowercased() == "patient_token" {
            // A one-way key is no short number (a record number) and no day.
            patterns += [#"^\d{6,10}$"#, #"^\d{4}-\d{2}-\d{2}"#]
        }
        // Names of people differ from row to row; names of payers and products repeat.
        let name = #"^[A-Z][a-z'’-]+,? ([A-Z]\.? )?[A-Z][a-z'’-]+$"#
        let distinct = "count(DISTINCT \(text)) / \(filled)"
        let named = "CASE WHEN \(distinct) >= 0.5 THEN \(part(like([name]))) ELSE 0 END"
        return "greatest(\(part(like(patterns))), \(named))"
    }

    /// From which share on a column is refused.
    static func threshold(table: String) -> Double { table == "claim" ? 0.2 : 0.01 }
}

extension String {
    /// `PatientName` as `Patient_Name`, so that word boundaries show.
    fileprivate func snake() -> String {
        var result = ""
        var previous: Character?
        for character in self {
            if character.isUppercase, let previous, previous.isLowercase { result.append("_") }
            result.append(character)
            previous = character
        }
        return result
    }
}
