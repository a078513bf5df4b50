import ArgumentParser
import Cycle
import Delivery
import EngagementModel
import Foundation
import Ledger
import Synchronization

/// `rapport consent`: what HCPs agreed to, for an audit or another system, and lists of those who must not be contacted.
struct ConsentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consent",
        abstract: "Hand consents over with their history; ask for confirmations; take suppression lists in.",
        discussion: "Consents of other systems come with the sources (consent.csv); see `rapport run`.",
        subcommands: [Export.self, Pending.self, Suppress.self])

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "export", abstract: "Write every version of every consent with its evidence as CSV.",
            discussion: """
                The first columns are those of the canonical consent.csv. Signature images stay in the ledger; their hash is
                written. Times are UTC.
                """)
        @OptionGroup var options: WorkspaceOptions
        @Option(help: "Only this HCP's, as for a request of access (GDPR article 15).") var hcp: String?
        @Option(name: [.short, .customLong("out")], help: "The file to write; - is standard output.") var out = "-"

        func run() async throws {
            let ledger = try options.open().openLedger(now: SystemClock.now)
            defer { try? ledger.close() }
            let table = Mutex((csv: SafeCSV(header: ConsentRecord.columns), rows: 0))
            try await ledger.exportConsents(ofHCP: hcp) { record in
                let cells = zip(ConsentRecord.columns, record.values).map { column, value in
                    column.hasSuffix("_at") ? value.flatMap { Int64($0) }.map(Self.moment) ?? "" : value ?? ""
                }
                table.withLock { table in
                    table.csv.append(cells)
                    table.rows += 1
                }
            }
            let (bytes, rows) = table.withLock { ($0.csv.bytes, $0.rows) }
            try ConsentCommand.write(bytes, to: out)
            Console.note("\(rows) versions written")
        }

        /// `2026-11-20T09:30:00.000001Z`
        private static func moment(_ at: Int64) -> String {
            let whole = at >= 0 ? at / 86_400_000_000 : (at - 86_399_999_999) / 86_400_000_000
            let day = Day(number: Int32(whole))
            let rest = at - whole * 86_400_000_000
            func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : String(number) }
            let seconds = rest / 1_000_000
            let fraction = String(rest % 1_000_000 + 1_000_000).dropFirst()
            return "\(day)T\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60)).\(fraction)Z"
        }
    }

    struct Pending: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "pending",
            abstract: "Write the consents that wait for their second yes, each with its signed link, as CSV.",
            discussion: """
                For the system that asks: the link shows one button, and nothing changes before it is pressed. Until then no \
                message is granted where contact.yaml asks for a double opt-in. The links begin with delivery.base_url.
                """)
        @OptionGroup var options: WorkspaceOptions
        @Option(help: "Days that a link holds.") var days = 30
        @Option(name: [.short, .customLong("out")], help: "The file to write; - is standard output.") var out = "-"

        func validate() throws {
            guard (1...365).contains(days) else { throw ValidationError("--days is 1 to 365") }
        }

        func run() async throws {
            let workspace = try options.open()
            guard let base = workspace.settings.delivery.baseURL else {
                throw Diagnostic(
                    "no_base_url", "a link needs the address under which the server is reached",
                    file: "rapport.yaml", remedy: "write delivery: {base_url: https://…}")
            }
            let ledger = try workspace.openLedger(now: SystemClock.now)
            defer { try? ledger.close() }
            let key = try await ledger.linkKey()
            let end = SystemClock.now() + Int64(days) * 86_400_000_000
            var csv = SafeCSV(header: ["consent_id", "hcp_id", "channel", "purpose", "address", "link"])
            let pending = try await ledger.pendingConsents()
            for consent in pending {
                let token = LinkToken(action: .confirm, subject: consent.consentID, expiresAt: end)
                csv.append([
                    consent.consentID, consent.hcpID, consent.channel.rawValue, consent.purpose.rawValue,
                    consent.address ?? "", "\(base)/c/\(try token.signed(with: key))",
                ])
            }
            try ConsentCommand.write(csv.bytes, to: out)
            Console.note("\(pending.count) consents wait")
        }
    }

    fileprivate static func write(_ bytes: [UInt8], to out: String) throws {
        if out == "-" { return Console.data(String(decoding: bytes, as: UTF8.self)) }
        try Data(bytes).write(to: URL(filePath: out), options: .atomic)
    }

    struct Suppress: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "suppress", abstract: "Take in a suppression list: addresses of one channel, one a line.",
            discussion: "From then on no claim is granted for them, whatever is loaded later. Only digests are kept.")
        @OptionGroup var options: WorkspaceOptions
        @Argument(help: "A text file; - is standard input.", completion: .file()) var file: String
        @Option(help: "The channel: email, phone, sms, messaging, mail.") var channel: Channel
        @Flag(help: "Everything but safety and service; without it everything.") var promotional = false

        func run() async throws {
            let data =
                file == "-"
                ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: file)
            guard let data else {
                throw Diagnostic("file_missing", "cannot read the list", file: file, remedy: "check the path")
            }
            let addresses = try Self.addresses(String(decoding: data, as: UTF8.self), channel, file)
            let ledger = try options.open().openLedger(now: SystemClock.now)
            defer { try? ledger.close() }
            let new = try await ledger.importSuppressions(
                addresses: addresses, channel: channel, promotional ? .promotional : .all, cause: .manual,
                by: Principal(id: "command"))
            Console.note("\(addresses.count) addresses read, \(new) new")
        }

        /// Nothing is taken of a list with a line that cannot be an address: a digest of a heading would protect nobody.
        private static func addresses(_ text: String, _ channel: Channel, _ file: String) throws -> [String] {
            let isMail = channel == .email || channel == .emailRep
            var found: [String] = []
            for (place, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
            {
                let address = line.trimmingCharacters(in: .whitespaces.union(["\u{FEFF}"]))
                guard !address.isEmpty else { continue }
                let isAddress =
                    isMail
                    ? address.split(separator: "@").count == 2 && !address.contains { " ,;\"\t".contains($0) }
                    : address.contains(where: \.isNumber)
                guard isAddress else {
                    throw Diagnostic(
                        "bad_address", "is no address of the channel \(channel.rawValue); nothing was taken",
                        file: file,
                        line: place + 1, remedy: "one address a line, without a heading or further columns")
                }
                found.append(address)
            }
            return found
        }
    }
}
