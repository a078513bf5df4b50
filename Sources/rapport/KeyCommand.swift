import ArgumentParser
import Cycle

extension User {
    struct Key: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "key", abstract: "Make, list and revoke the keys with which programs ask /v1.",
            subcommands: [Add.self, List.self, Revoke.self])

        struct Add: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "add", abstract: "Make a key; its text is printed this once and stored nowhere.")
            @OptionGroup var options: WorkspaceOptions
            @Argument(help: "A name for the program that gets the key.") var name: String
            @Option(
                name: .customLong("scope"),
                help: "decisions:read, outcomes:write, events:write or mail:write; may be repeated.")
            var scopes: [String]
            @Option(name: .customLong("per-second"), help: "Requests a second that it may send (default: no limit).")
            var perSecond: Int?

            func run() async throws {
                let text = try await KeyBook(workspace: try options.open(), now: SystemClock.now)
                    .add(name: name, scopes: scopes, perSecond: perSecond)
                Console.data(text)
            }
        }

        struct List: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "list", abstract: "List the keys, revoked ones too.")
            @OptionGroup var options: WorkspaceOptions
            func run() async throws {
                let keys = try await KeyBook(workspace: try options.open(), now: SystemClock.now).list()
                if options.json { return try Console.json(keys) }
                var table = TextTable(header: ["name", "scopes", "per second", "state"])
                table.rows = keys.map {
                    [
                        $0.name, $0.scopes.joined(separator: " "), $0.perSecond.map(String.init) ?? "–",
                        $0.revoked ? "revoked" : "active",
                    ]
                }
                Console.data(table.rendered())
            }
        }

        struct Revoke: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "revoke", abstract: "Take a key away for good; servers refuse it within a second.")
            @OptionGroup var options: WorkspaceOptions
            @Argument(help: "The name of the key.") var name: String
            func run() async throws {
                try await KeyBook(workspace: try options.open(), now: SystemClock.now).revoke(name)
                Console.note("revoked \(name)")
            }
        }
    }
}
