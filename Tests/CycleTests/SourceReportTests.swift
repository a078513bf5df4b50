import EngagementModel
import Foundation
import Insight
import Ledger
import TestSupport
import Testing
import Warehouse

@testable import Cycle

/// Reports of harm in what sources deliver: they come into the inbox by an import, and do not go with an erased person.
@Suite struct SourceReportTests {
    private static let asOf = Day(year: 2026, month: 6, day: 1)
    private static let clock: @Sendable () -> Int64 = { 1_780_000_000_000_000 }
    private static let safety = InquirySight(
        queues: [.safety, .medical], acts: [.safety], seesMedical: true, seesFlagged: true, user: "user:5")

    private func company(_ files: [String: String]) throws -> (TemporaryFolder, Workspace) {
        let folder = try TemporaryFolder()
        let root = folder.url.appending(path: "company")
        _ = try WorkspaceTemplate.create(.empty, at: root, hcps: 0, reps: nil, seed: 1, endingOn: Self.asOf)
        try folder.write(
            """
            hcp_id,npi,first_name,last_name,email,country
            A1,1234567893,Zyta,Quirrell,zyta@quirrell.example,DE
            A2,1000000004,Boris,Birkenfeld,boris@clinic.example,DE

            """, to: "company/sources/canonical/hcp.csv")
        for (name, text) in files { try folder.write(text, to: "company/sources/canonical/\(name).csv") }
        return (folder, try #require(Workspace.read(at: root).workspace))
    }

    private func run(_ workspace: Workspace, _ day: Int) async throws {
        let request = RunRequest(asOf: Self.asOf + day, steps: [.load, .resolve])
        _ = try await CycleRun(workspace: workspace, request: request, now: Self.clock).perform()
    }

    private func inbox(_ ledger: Ledger) async throws -> [Inquiry] {
        var filter = InquiryFilter()
        filter.stage = .all
        return try await ledger.inquiries(filter, seenBy: .all).rows.sorted { $0.number < $1.number }
    }

    private static let reports = [
        "inquiry": """
        inquiry_id,hcp_id,received_at,channel,text
        Q1,A1,2026-03-01 10:00:00,email,Please send the price list.
        Q2,A1,2026-03-02 10:00:00,email,My patient developed a rash after the quirrelltablets.
        Q3,A2,2026-03-02 10:00:00,email,Another patient developed a rash after the tablets.

        """,
        "note": """
        note_id,rep_id,hcp_id,written_at,text
        N1,R1,A1,2026-04-01 10:00:00,She told me that the infusion pump stopped working during a treatment.
        N2,R1,A1,2026-04-02 10:00:00,Likes to be called in the morning.

        """,
        "service_case": """
        case_id,hcp_id,opened_at,closed_at,kind,status,text
        C1,A1,2026-02-01 10:00:00,2026-02-03 10:00:00,repair,closed,A patient was burned when the device caught fire.

        """,
    ]

    @Test func aReportOfHarmOutlivesTheErasureOfItsReporter() async throws {
        let (folder, workspace) = try company(Self.reports)
        try await run(workspace, 0)
        let outcome = try await SubjectEraser(workspace: workspace, now: Self.clock).erase("A1", by: nil)
        #expect(outcome.heldReports == 0)
        try await run(workspace, 1)

        let ledger = try workspace.openLedger(now: Self.clock)
        defer { try? ledger.close() }
        let told = try await inbox(ledger)
        // What tells of harm, and nothing else of the person; nothing of anybody else.
        #expect(told.count == 3, "\(told.map(\.body))")
        #expect(told.allSatisfy { $0.heldSince != nil && $0.isMedical && !$0.flags.isEmpty })
        #expect(told.allSatisfy { $0.fromName == "Zyta Quirrell" && $0.fromAddress == "zyta@quirrell.example" })
        #expect(Set(told.flatMap(\.flags).map(\.kind)).isSuperset(of: [.adverseEvent, .deviceComplaint]))
        let rep = InquirySight(queues: [.rep, .service, .insideSales], seesMedical: false, user: "user:1")
        #expect(try await ledger.inquiries(InquiryFilter(), seenBy: rep).total == 0)
        // Another run finds them there.
        try await run(workspace, 2)
        #expect(try await inbox(ledger).count == 3)

        for report in told {
            for flag in report.flags {
                try await ledger.settleSafety(
                    flag: flag.number, to: .reported, words: "AE-\(flag.number)", seenBy: Self.safety)
            }
        }
        #expect(try await inbox(ledger).allSatisfy { $0.body.isEmpty && $0.fromName == nil })
        // The source delivers the same rows again: what was reported is not reported twice.
        for (name, text) in Self.reports {
            try folder.write(text, to: "company/sources/canonical/\(name)-2026-06-04.csv")
        }
        try await run(workspace, 3)
        let left = try await inbox(ledger)
        #expect(left.count == 3 && left.allSatisfy { $0.body.isEmpty && $0.heldSince == nil })
    }

    /// Cases from files: with the company's own classifier behind the rules, whose word on safety stands.
    @Test func importedCasesAreReadByTheCompanysClassifierAndFlagged() async throws {
        let (folder, workspace) = try company([
            "service_case": """
            case_id,hcp_id,opened_at,closed_at,kind,status,asset_id,text
            C1,A1,2026-05-30 10:00:00,,repair,open,SN-1,zibble the quorum
            C2,A2,2026-05-30 11:00:00,,repair,open,SN-2,zibble again: my patient developed a rash and went to the hospital
            C3,A2,2026-05-30 12:00:00,2026-05-31 12:00:00,repair,closed,SN-3,The infusion pump stopped working.
            C4,A1,2026-05-30 13:00:00,,repair,open,SN-4,The infusion pump stopped working during a treatment.

            """
        ])
        let texts = (0..<12).flatMap { ["zibble the quorum \($0)", "frandle my vintage \($0)"] }
        let trained = TrainedText(
            try TextClassifier(
                texts: texts, classes: texts.indices.map { Int32($0 % 2) }, labels: ["price", "other"], seed: 1),
            proof: .init(texts: 24, foldAccuracy: [1, 0.9], accuracy: 0.95, macroF1: 0.95, calibrationError: 0.02))
        try FileManager.default.createDirectory(
            at: workspace.root.appending(path: "models"), withIntermediateDirectories: true)
        try trained.encoded().write(to: workspace.root.appending(path: TextModelFile.path))
        defer { withExtendedLifetime(folder) {} }
        try await run(workspace, 0)
        let first = try await InquiryImport(workspace: workspace, now: Self.clock).run(days: 14)
        // Three are open; of these two tell of harm and come in as reports of their case, too.
        #expect(first.cases == 3 && first.inquiries == 2 && first.safety == 2 && first.refused == 0)
        let again = try await InquiryImport(workspace: workspace, now: Self.clock).run(days: 14)
        #expect(again.cases == 0 && again.inquiries == 0 && again.known == 5)

        let ledger = try workspace.openLedger(now: Self.clock)
        defer { try? ledger.close() }
        let told = try await inbox(ledger)
        #expect(told.map(\.finding.reader).allSatisfy { $0.contains(trained.version) }, "\(told.map(\.finding.reader))")
        #expect(told.allSatisfy { $0.caseNumber != nil && $0.flags.count >= 1 })
        #expect(told.flatMap(\.flags).map(\.kind).contains(.adverseEvent))
        // Deadlines run from when it came here, not from when it happened there.
        let now = Self.clock()
        #expect(told.flatMap(\.flags).allSatisfy { $0.dueAt > now && $0.dueAt <= now + 24 * 3_600_000_000 })
        // A rep who reads the case reads nothing of harm.
        let cases = try await ledger.serviceCases(seenBy: .all).rows
        #expect(cases.count == 3)
        for item in cases {
            let notes = try await ledger.timeline(
                ofCase: item.number, seenBy: InquirySight(queues: [.service], seesMedical: false, user: "user:1"))
            #expect(notes.allSatisfy { !$0.text.contains("rash") })
        }
    }
}
