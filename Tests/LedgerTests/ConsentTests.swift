import EngagementModel
import GRDB
import Testing

@testable import Ledger

@Suite struct ConsentTests {
    private func consent(_ id: String, _ status: ConsentStatus, at: Int64, address: String? = nil) -> Consent {
        Consent(
            consentID: id, hcpID: "h1", channel: .email, address: address, purpose: .promotional, status: status,
            basis: .consent, textVersion: "t1", capturedAt: at, expiresAt: at + 100, evidence: "form 7")
    }

    private func columns(_ consents: [Consent]) -> ConsentColumns {
        var columns = ConsentColumns()
        for consent in consents { columns.append(consent) }
        return columns
    }

    private func current(_ ledger: Ledger) async throws -> [String] {
        try await ledger.currentConsents(ofHCP: "h1").map { "\($0.consentID) \($0.status.rawValue)" }
    }

    @Test func everyColumnComesBack() async throws {
        let ledger = try memoryLedger()
        var full = consent("c1", .optIn, at: 10, address: "a@example.org")
        full.productID = "P1"
        full.origin = .loaded
        let bare = Consent(
            consentID: "c0", hcpID: "h1", channel: .sms, purpose: .service, status: .pending, capturedAt: 1,
            origin: .loaded)
        #expect(try await ledger.recordConsents(columns([full, bare])) == ConsentLoad(inserted: 2))
        #expect(try await ledger.consents(ofHCP: "h1") == [full, bare])
        #expect(try await ledger.currentConsents(ofHCP: "h1") == [full, bare])
        let all = try await ledger.currentConsents()
        #expect(
            all.consentID == ["c1", "c0"] && all.address == ["a@example.org", nil] && all.productID == ["P1", nil])
    }

    @Test func loadingAgainWritesNothing() async throws {
        let ledger = try memoryLedger()
        let rows = columns([consent("c1", .optIn, at: 10), consent("c2", .optOut, at: 20)])
        #expect(try await ledger.recordConsents(rows) == ConsentLoad(inserted: 2))
        let trail = try await ledger.auditTrail()
        #expect(try await ledger.recordConsents(rows) == ConsentLoad())
        #expect(try await ledger.auditTrail() == trail)
        #expect(try await current(ledger) == ["c2 opt_out"])
    }

    @Test func theLatestCaptureWinsThenTheId() async throws {
        let ledger = try memoryLedger()
        _ = try await ledger.recordConsents(columns([consent("b", .optOut, at: 20), consent("z", .optIn, at: 10)]))
        #expect(try await current(ledger) == ["b opt_out"])
        _ = try await ledger.recordConsents(columns([consent("c", .optIn, at: 20), consent("a", .pending, at: 20)]))
        #expect(try await current(ledger) == ["c opt_in"])
    }

    @Test func aCorrectedConsentKeepsItsHistory() async throws {
        let ledger = try memoryLedger()
        _ = try await ledger.recordConsents(columns([consent("c1", .optIn, at: 30)]))
        // The source corrects status and capture time: the old version must not win by its later time.
        #expect(
            try await ledger.recordConsents(columns([consent("c1", .optOut, at: 20)])) == ConsentLoad(corrected: 1))
        #expect(try await current(ledger) == ["c1 opt_out"])
        let versions = try await ledger.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM consent") }
        #expect(versions == 2)
    }

    @Test func anObjectionBeatsEveryImport() async throws {
        let ledger = try memoryLedger()
        _ = try await ledger.recordConsents(columns([consent("o", .objection, at: 10)]))
        _ = try await ledger.recordConsents(columns([consent("p", .optIn, at: 99)]))
        #expect(try await current(ledger) == ["o objection"])
        // A source that rewrites the objection itself gains nothing either.
        #expect(try await ledger.recordConsents(columns([consent("o", .optIn, at: 98)])) == ConsentLoad(corrected: 1))
        #expect(try await current(ledger) == ["o objection"])
        // The HCP's own later consent, captured in Rapport, lifts it.
        try await ledger.recordConsent(consent("own", .optIn, at: 100), by: .user(1))
        #expect(try await current(ledger) == ["own opt_in"])
        _ = try await ledger.recordConsents(columns([consent("q", .optOut, at: 101)]))
        #expect(try await current(ledger) == ["q opt_out"])
    }

    @Test func anImportNeverSupersedesWhatRapportCaptured() async throws {
        let ledger = try memoryLedger()
        try await ledger.recordConsent(consent("own", .optOut, at: 50), by: .user(1))
        // The CRM sends it back as it was: the same consent. Then in another form: an earlier row of its own.
        #expect(try await ledger.recordConsents(columns([consent("own", .optOut, at: 50)])) == ConsentLoad())
        _ = try await ledger.recordConsents(columns([consent("own", .optIn, at: 40)]))
        #expect(try await current(ledger) == ["own opt_out"])
    }

    @Test func theHistoryCannotBeRewritten() async throws {
        let ledger = try memoryLedger()
        _ = try await ledger.recordConsents(columns([consent("c1", .optOut, at: 1)]))
        for sql in [
            "DELETE FROM consent", "UPDATE consent SET status = 'opt_in'", "UPDATE consent SET captured_at = 5",
        ] {
            #expect(await code { try await ledger.write { db in try db.execute(sql: sql) } } == "ledger_conflict")
        }
    }

    /// 400 random histories in random batches, checked against the rule spelled out row by row.
    @Test func currentConsentAgreesWithTheOracle() async throws {
        for seed in UInt64(1)...400 {
            var random = Seeded(seed)
            let ledger = try memoryLedger()
            var history: [Consent] = []
            for batch in 0..<Int.random(in: 1...4, using: &random) {
                var rows: [Consent] = []
                let origin: Origin = Int.random(in: 0..<3, using: &random) == 0 ? .rapport : .loaded
                for index in 0..<Int.random(in: 1...6, using: &random) {
                    // Ids are drawn, not counted, so that id order and insertion order differ.
                    let id = "\(UInt8.random(in: .min ... .max, using: &random))-\(batch)-\(index)"
                    var row = consent(
                        id, ConsentStatus.allCases.randomElement(using: &random) ?? .optIn,
                        at: Int64.random(in: 0..<6, using: &random),
                        address: [nil, "a@example.org"].randomElement(using: &random) ?? nil)
                    row.channel = [.email, .sms].randomElement(using: &random) ?? .email
                    row.origin = origin
                    rows.append(row)
                }
                history += rows
                if origin == .loaded {
                    _ = try await ledger.recordConsents(columns(rows))
                } else {
                    for row in rows { try await ledger.recordConsent(row, by: .user(1)) }
                }
            }
            let found = try await ledger.currentConsents(ofHCP: "h1")
            #expect(Set(found) == oracle(history), "seed \(seed)")
            #expect(try await ledger.currentConsents().consentID.sorted() == found.map(\.consentID).sorted())
        }
    }

    /// Walks each subject's consents in the order of capture and id; a standing objection yields only to Rapport's own.
    private func oracle(_ history: [Consent]) -> Set<Consent> {
        struct Subject: Hashable {
            var channel: Channel
            var address: String?
        }
        var standing: [Subject: Consent] = [:]
        for row in history.sorted(by: { ($0.capturedAt, $0.consentID) < ($1.capturedAt, $1.consentID) }) {
            let subject = Subject(channel: row.channel, address: row.address)
            let isHeld = standing[subject]?.status == .objection
            if isHeld && row.origin == .loaded && row.status != .objection { continue }
            standing[subject] = row
        }
        return Set(standing.values)
    }
}
