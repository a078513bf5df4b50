package import EngagementModel

/// The plan as Veeva CRM suggestions (`Suggestion_vod__c`), and what reps did with them.
///
/// Field names: Veeva CRM, "Suggestions" data model; Vault CRM spells the same fields `x__v`. The decision's id is the
/// external id, so that feedback finds its decision whatever Veeva's own record id is.
package enum VeevaSuggestions {
    static let columns = [
        "Suggestion_External_Id_vod__c", "Record_Type_Name_vod__c", "OwnerId", "Account_vod__c", "Title_vod__c",
        "Reason_vod__c", "Priority_vod__c", "Account_Priority_Score_vod__c", "Posted_Date_vod__c",
        "Expiration_Date_vod__c", "Suggested_Date_vod__c", "CRM_Channel_vod__c",
    ]

    /// One row per touch that a rep carries out; system touches are not suggestions.
    ///
    /// - Parameters:
    ///   - account: the HCP's id in Veeva, from the crosswalk; the hcp_id where there is none.
    ///   - expiryDays: days after the planned day on which the suggestion lapses.
    package static func csv(
        _ decisions: [Decision], account: (String) -> String, contentTitle: (String) -> String?, expiryDays: Int = 3
    ) -> String {
        let touches = decisions.filter { $0.day != nil && $0.sender != nil && $0.sender != "system" }
        let sorted = touches.map(\.value).sorted()
        var text = columns.joined(separator: ",") + "\n"
        for decision in touches {
            guard let day = decision.day, let channel = decision.channel, let sender = decision.sender else { continue }
            let score = percentile(of: decision.value, in: sorted)
            let reasons = [decision.reason1, decision.reason2, decision.reason3].compactMap { $0 }
            let about = decision.contentID.flatMap(contentTitle).map { ": \($0)" } ?? ""
            let fields = [
                decision.decisionID, recordType(channel), sender, account(decision.hcpID),
                String("\(channel.title)\(about)".prefix(80)), reasons.joined(separator: " "),
                score >= 90 ? "Urgent_vod" : "Normal_vod", "\(score)", decision.asOf.description,
                (day + expiryDays).description, day.description, channel.rawValue,
            ]
            text += fields.map(CSV.field).joined(separator: ",") + "\n"
        }
        return text
    }

    private static func recordType(_ channel: Channel) -> String {
        switch channel {
        case .emailRep, .email: "Email_vod"
        case .inPerson, .video, .phone: "Call_vod"
        default: "Insight_vod"
        }
    }

    /// 0...100: share of values that are not larger.
    private static func percentile(of value: Double, in sorted: [Double]) -> Int {
        guard sorted.count > 1 else { return 100 }
        var low = 0
        var high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] <= value { low = middle + 1 } else { high = middle }
        }
        return Int((Double(low) / Double(sorted.count) * 100).rounded())
    }

    /// What one feedback row says.
    package struct Feedback: Sendable, Hashable {
        package enum Kind: String, Sendable { case actioned, dismissed, completed }
        package var line: Int
        package var externalID: String
        package var decisionID: String
        package var kind: Kind
        /// Day of the change, if the export has one.
        package var day: Day?
    }

    /// Reads an export of `Suggestion_vod__c`; rows without any feedback are passed over, wrong rows are diagnosed.
    package static func feedback(
        _ bytes: some Collection<UInt8>, file: String
    ) throws(Diagnostic) -> (rows: [Feedback], diagnostics: [Diagnostic]) {
        let records = try CSVReader.records(bytes, file: file)
        guard let header = records.first else {
            throw Diagnostic("empty_file", "has no header row", file: file, line: 1)
        }
        // Vault CRM writes `dismissed__v` for `Dismissed_vod__c`.
        let names = header.fields.map {
            $0.lowercased().replacing("_vod__c", with: "").replacing("__c", with: "").replacing("__v", with: "")
        }
        func position(_ name: String) -> Int? { names.firstIndex(of: name) }
        guard let key = position("suggestion_external_id") else {
            throw Diagnostic(
                "wrong_header", "has no column Suggestion_External_Id_vod__c", file: file, line: header.line,
                remedy: "export the suggestions with that field: it holds the decision_id")
        }
        let flags: [(Feedback.Kind, Int)] = [
            (.completed, "marked_as_complete"), (.dismissed, "dismissed"), (.actioned, "actioned"),
        ].compactMap { kind, name in position(name).map { (kind, $0) } }
        let date = position("lastmodifieddate") ?? position("last_modified_date")
        let id = position("id")
        var rows: [Feedback] = []
        var diagnostics: [Diagnostic] = []
        for record in records.dropFirst() {
            guard record.fields.count == names.count else {
                diagnostics.append(
                    Diagnostic(
                        "ragged_row", "has \(record.fields.count) fields, the header has \(names.count)", file: file,
                        line: record.line))
                continue
            }
            let decision = record.fields[key]
            guard !decision.isEmpty else {
                diagnostics.append(
                    Diagnostic("missing_value", "has no external id", file: file, line: record.line, column: key + 1))
                continue
            }
            guard let kind = flags.first(where: { isTrue(record.fields[$0.1]) })?.0 else { continue }
            let external = id.map { record.fields[$0] } ?? decision
            rows.append(
                Feedback(
                    line: record.line, externalID: external.isEmpty ? decision : external, decisionID: decision,
                    kind: kind, day: date.flatMap { Day(record.fields[$0].prefix(10)) }))
        }
        return (rows, diagnostics)
    }

    private static func isTrue(_ text: String) -> Bool {
        guard !["", "0", "0.0", "false", "no"].contains(text.lowercased()) else { return false }
        return true
    }
}
