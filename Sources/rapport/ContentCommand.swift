import ArgumentParser
import Cycle
import EngagementModel
import Foundation

struct ContentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "content", abstract: "List, show, preview and review what is said.",
        subcommands: [
            List.self, Show.self, Look.self, Submit.self, Approve.self, Withdraw.self, Approver.self,
            ImportApprovals.self,
        ])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List contents with their states.")
        @OptionGroup var options: WorkspaceOptions
        func run() async throws {
            let items = try await ContentRoom(workspace: try options.open(), now: SystemClock.now).list()
            if options.json { return try Console.json(items) }
            var table = TextTable(header: ["content", "language", "state", "last day", "version", "title"])
            table.rows = items.map {
                [$0.contentID, $0.language, $0.state, $0.expiresOn ?? "–", $0.version, $0.title]
            }
            Console.data(table.rendered())
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show the parts of a content with their versions and signatures.")
        @OptionGroup var options: WorkspaceOptions
        @Argument(help: "The content_id.") var content: String
        @Option(help: "The language.") var language: String?
        func run() async throws {
            let parts = try await ContentRoom(workspace: try options.open(), now: SystemClock.now)
                .show(content, language: language)
            if options.json { return try Console.json(parts) }
            var table = TextTable(header: ["part", "version", "state", "last day", "signatures"])
            table.rows = parts.map {
                [$0.part, $0.version, $0.state, $0.expiresOn ?? "–", "\($0.signatures.count)"]
            }
            Console.data(table.rendered())
        }
    }

    struct Look: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "preview", abstract: "Print a content as an HCP would read it.",
            discussion: "Exit code 3 when it could not go out today; what is in the way is said on standard error.")
        @OptionGroup var options: WorkspaceOptions
        @Option(help: "The hcp_id.") var hcp: String
        @Option(help: "The content_id.") var content: String
        @Option(help: "The language (default: the HCP's own).") var language: String?
        @Option(help: "The channel (default: e-mail where the content has it).") var channel: Channel?
        @Flag(help: "Print the HTML body instead of plain text.") var html = false
        func run() async throws {
            let preview = try await ContentRoom(workspace: try options.open(), now: SystemClock.now)
                .preview(content, hcp: hcp, language: language, channel: channel)
            if options.json {
                try Console.json(preview)
            } else if html {
                Console.data(preview.html ?? "")
            } else {
                Console.data("Subject: \(preview.subject)\n\n\(preview.text)")
            }
            if let refusal = preview.refusal {
                Console.note("It could not go out today. \(refusal)")
                throw ExitCode(3)
            }
        }
    }

    struct Submit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "submit", abstract: "Hand a content and its drafts to review.")
        @OptionGroup var options: WorkspaceOptions
        @Argument(help: "The content_id.") var content: String
        @Option(help: "The language.") var language: String?
        @Option(help: "Login of the marketer or owner who submits.") var by: String
        func run() async throws {
            let count = try await ContentRoom(workspace: try options.open(), now: SystemClock.now)
                .submit(content, language: language, by: by)
            Console.note("submitted \(count) parts")
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "approve", abstract: "Sign a content and its parts for one discipline, or release them.")
        @OptionGroup var options: WorkspaceOptions
        @Argument(help: "The content_id.") var content: String
        @Option(help: "The language.") var language: String?
        @Option(name: .customLong("as"), help: "medical, legal or regulatory.") var discipline: String
        @Flag(help: "Release for distribution what all three have approved.") var release = false
        @Option(help: "Last day of use, with --release.") var expires: Day?
        @Option(help: "Login of the approver.") var by: String
        @Option(
            name: .customLong("password-file"), help: "File with the password in its first line; - is standard input.")
        var passwordFile = "-"
        func run() async throws {
            let data =
                passwordFile == "-"
                ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: passwordFile)
            guard let data else {
                throw Diagnostic("file_missing", "cannot read the password file", remedy: "check the path")
            }
            let password = String(decoding: data, as: UTF8.self).prefix { !$0.isNewline }
            let count = try await ContentRoom(workspace: try options.open(), now: SystemClock.now)
                .approve(
                    content, language: language, as: discipline, release: release, expires: expires, by: by,
                    password: String(password))
            Console.note("signed \(count) parts")
        }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "withdraw", abstract: "Take a content out of use, at once and for good.")
        @OptionGroup var options: WorkspaceOptions
        @Argument(help: "The content_id.") var content: String
        @Option(help: "The language.") var language: String?
        @Option(help: "Why.") var cause: String
        @Option(help: "Login of the person of compliance, or the owner.") var by: String
        func run() async throws {
            try await ContentRoom(workspace: try options.open(), now: SystemClock.now)
                .withdraw(content, language: language, cause: cause, by: by)
            Console.note("withdrawn")
        }
    }

    struct Approver: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "approver",
            abstract: "Name a person of compliance as approver of a discipline, or take it away.")
        @OptionGroup var options: WorkspaceOptions
        @Argument(help: "medical, legal or regulatory.") var discipline: String
        @Argument(help: "The login.") var login: String
        @Flag(help: "Take the right away.") var remove = false
        func run() async throws {
            try await ContentRoom(workspace: try options.open(), now: SystemClock.now)
                .approver(discipline, login: login, granted: !remove)
            Console.note(remove ? "removed" : "\(login) may sign for \(discipline) review")
        }
    }

    struct ImportApprovals: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import-approvals", abstract: "Take over approvals that another review system gave.",
            discussion: """
                A CSV: part,version,medical,legal,regulatory,approved_on,expires_on,reference. Each row becomes signatures \
                that name the other system's record; whoever imports them is in the audit trail.
                """)
        @OptionGroup var options: WorkspaceOptions
        @Argument(help: "The file; - is standard input.", completion: .file()) var file: String
        @Option(help: "Login of the person who answers for them.") var by: String?
        func run() async throws {
            let data =
                file == "-"
                ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: file)
            guard let data else { throw Diagnostic("file_missing", "cannot read \(file)", remedy: "check the path") }
            let count = try await ContentRoom(workspace: try options.open(), now: SystemClock.now)
                .importApprovals(data, file: file, by: by)
            Console.note("\(count) parts are approved for distribution")
        }
    }
}
