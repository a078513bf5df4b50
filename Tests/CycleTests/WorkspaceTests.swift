import Cycle
import EngagementModel
import Foundation
import TestSupport
import Testing

/// Every wrong key, value or form in a workspace's files is told with file, line and column.
@Suite struct WorkspaceTests {
    private func diagnostics(strategy: String, settings: String = "name: Test\n") throws -> [Diagnostic] {
        let folder = try TemporaryFolder()
        try folder.write(settings, to: "rapport.yaml")
        try folder.write(strategy, to: "strategy.yaml")
        return Workspace.read(at: folder.url).diagnostics
    }

    @Test func aWrongKeyIsNamedWithItsPlaceAndTheNearestKnownOne() throws {
        let found = try diagnostics(strategy: "horizon_days: 5\nobjektives: []\n")
        let wrong = try #require(found.first { $0.code == "unknown_key" })
        #expect(wrong.file == "strategy.yaml" && wrong.line == 2 && wrong.column == 1)
        #expect(wrong.remedy?.contains("`objectives`") == true)
    }

    @Test func anUnknownChannelIsAnErrorWithAHint() throws {
        let found = try diagnostics(strategy: "channels:\n  emial: {cost: 1}\nconsent: {e_mail: opt_in}\n")
        let wrong = found.filter { $0.code == "unknown_channel" }
        #expect(wrong.map(\.line) == [2, 3])
        #expect(wrong[0].remedy == "did you mean `email`?")
    }

    @Test(arguments: [
        ("horizon_days: ten", "bad_value"), ("horizon_days: 99", "out_of_range"), ("seed: -4", "out_of_range"),
        ("caps: [{channels: any, window: 7d}]", "missing_key"), ("caps: {channels: any}", "bad_value"),
        ("gaps: [{channels: human, min: soon}]", "bad_value"),
        ("quiet_hours: {start: 25, end: \"08:00\"}", "bad_value"),
        ("consent: {email: maybe}", "unknown_value"), ("horizon_days: 5\nhorizon_days: 6", "duplicate_key"),
        ("a: [1, 2", "bad_yaml"), ("- just\n- a list", "not_a_mapping"),
        ("budgets: [{channels: [email]}]", "missing_key"), ("arms: {random: 0.9}", "out_of_range"),
        ("objectives: [{product: P1, measure: units}]", "missing_key"),
    ])
    func wrongValuesAreErrorsWithALine(_ text: String, _ code: String) throws {
        let found = try diagnostics(strategy: text).filter { $0.severity == .error }
        #expect(found.contains { $0.code == code && $0.line != nil }, "\(found)")
    }

    @Test func aFileInUTF16IsRefusedInPlainWords() throws {
        let folder = try TemporaryFolder()
        try folder.write("name: Test\n", to: "rapport.yaml")
        let text = "seed: 1\n".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        try FileWriting.write([0xFF, 0xFE] + text, to: folder.url.appending(path: "strategy.yaml"))
        #expect(Workspace.read(at: folder.url).diagnostics.contains { $0.code == "not_utf8" })
    }

    /// The same content again: a default, another length, other channels, and none.
    @Test func theSameContentStaysAwayUnlessTheFileSaysOtherwise() throws {
        func read(_ text: String) throws -> Strategy? {
            let folder = try TemporaryFolder()
            try folder.write("name: Test\n", to: "rapport.yaml")
            try folder.write("horizon_days: 5\n" + text, to: "strategy.yaml")
            return Workspace.read(at: folder.url).workspace?.strategy
        }
        let usual = try #require(try read("")?.repeats)
        #expect(usual.min.days == 14 && usual.channels == [.email, .emailRep, .sms, .messaging, .mail])
        let own = try #require(try read("repeats: {channels: [email], min: 30d}\n"))
        #expect(own.repeats?.min.days == 30 && own.repeats?.channels == [.email] && own.longestWindowDays == 30)
        #expect(try read("repeats: {min: 0d}\n")?.repeats == nil)
        #expect(
            try diagnostics(strategy: "repeats: {channels: [emial], min: 3d}\n").contains {
                $0.code == "unknown_channel"
            })
        #expect(try diagnostics(strategy: "repeats: {channels: [email]}\n").contains { $0.code == "missing_key" })
    }

    @Test func allMistakesAreToldAtOnce() throws {
        let found = try diagnostics(
            strategy: "horizon_days: x\nseed: y\nwrong: 1\n", settings: "currency: euro\nport: 1\n")
        #expect(found.filter { $0.severity == .error }.count == 5)
    }

    @Test func aMissingWorkspaceSaysHowToMakeOne() throws {
        let folder = try TemporaryFolder()
        let reading = Workspace.read(at: folder.url)
        #expect(reading.workspace == nil)
        #expect(reading.diagnostics.first?.remedy?.contains("rapport init") == true)
    }

    @Test func theStrategyOfTheContractReadsAsWritten() throws {
        let folder = try TemporaryFolder()
        try folder.write("name: Test\n", to: "rapport.yaml")
        try folder.write(
            """
            horizon_days: 10
            objectives:
              - {product: P1, measure: prescriptions, value_per_unit: 50, lever: 1.0}
            channels:
              in_person: {minutes: 45, cost: 150, sender: rep}
              email:     {cost: 0.05, sender: system}
            caps:
              - {scope: hcp, channels: any, max: 3, window: 7d}
            gaps:
              - {scope: hcp, channels: [email, email_rep], min: 2d}
              - {scope: hcp, channels: human, min: 1d}
            quiet_hours: {start: "21:00", end: "08:00"}
            budgets:
              - {channels: [webinar], max_touches: 200, window: horizon}
              - {channels: any, max_cost: 25000, window: horizon}
            capacity: {source: rep_calendar, default: rep.minutes_per_day}
            consent: {email: opt_in, sms: opt_in, in_person: not_opted_out}
            arms: {random: 0.02, rules: 0.03}
            exploration: {temperature: auto, floor: 0.01}
            stability: {max_changed_share: 0.3}
            seed: 42
            """, to: "strategy.yaml")
        let strategy = try #require(Workspace.read(at: folder.url).workspace?.strategy)
        #expect(strategy.objectives == [.init(product: "P1", measure: "prescriptions", valuePerUnit: 50)])
        #expect(strategy.channels[.inPerson] == .init(minutes: 45, cost: 150, sender: .rep))
        #expect(strategy.gaps[1].channels == [.inPerson, .video, .phone])
        #expect(strategy.quietHours == .init(startMinute: 21 * 60, endMinute: 8 * 60))
        #expect(strategy.consent == [.email: .optIn, .sms: .optIn, .inPerson: .notOptedOut])
        #expect(strategy.budgets.map(\.maxTouches) == [200, nil])
        #expect(strategy.longestWindowDays == 14)
    }
}
