public import ArgumentParser
import Cycle
public import EngagementModel
import Foundation
import Ledger
import Logging
import Server
import ServiceLifecycle
import UnixSignals

struct User: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Add, list and disable the people who may sign in.",
        subcommands: [Add.self, List.self, Disable.self, Key.self, Demo.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add",
            abstract: "Add a person; the password is read from a file or standard input, never from an argument.")
        @OptionGroup var options: WorkspaceOptions
        @Argument(help: "The login.") var login: String
        @Option(help: "The name that pages show.") var name: String
        @Option(help: "rep, msl, medical, inside_sales, service, safety, manager, owner, marketer … or admin.")
        var role: Role
        @Option(help: "The rep_id, for the roles rep and msl.") var rep: String?
        @Option(
            name: .customLong("password-file"), help: "A file with the password on its first line; - is standard input."
        )
        var passwordFile = "-"

        func validate() throws {
            if role == .rep && rep == nil { throw ValidationError("--role rep needs --rep REP_ID") }
        }

        func run() async throws {
            let workspace = try options.open()
            let data =
                passwordFile == "-"
                ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: passwordFile)
            guard let data else {
                throw Diagnostic("file_missing", "cannot read the password file", remedy: "check the path")
            }
            let password = String(decoding: data, as: UTF8.self).prefix { !$0.isNewline }
            try await UserBook(workspace: workspace, now: SystemClock.now)
                .add(login: login, name: name, role: role, repID: rep, password: String(password))
            Console.note("added \(login)")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "List the people who may sign in.")
        @OptionGroup var options: WorkspaceOptions
        func run() async throws {
            let people = try await UserBook(workspace: try options.open(), now: SystemClock.now).list()
            if options.json { return try Console.json(people) }
            var table = TextTable(header: ["login", "role", "rep", "state"])
            table.rows = people.map { [$0.login, $0.role, $0.repID ?? "–", $0.disabled ? "disabled" : "active"] }
            Console.data(table.rendered())
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "disable", abstract: "Disable a person; their sessions end at once.")
        @OptionGroup var options: WorkspaceOptions
        @Argument(help: "The login.") var login: String
        func run() async throws {
            try await UserBook(workspace: try options.open(), now: SystemClock.now).disable(login)
            Console.note("disabled \(login)")
        }
    }

    struct Demo: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "demo",
            abstract: "Make the demo's sign-ins (once) and print them: rep, owner, and the people of the inbox.",
            discussion: "The passwords are random, made on this machine, and kept in state/demo-sign-in.txt.")
        @OptionGroup var options: WorkspaceOptions
        func run() async throws {
            let text = try await UserBook(workspace: try options.open(), now: SystemClock.now).demoSignIns()
            Console.data(text)
        }
    }
}

extension Role: ExpressibleByArgument {}

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the web workspaces.",
        discussion: "Ends cleanly on Ctrl-C and SIGTERM: what is under way is finished, for 30 seconds at the most.")

    @OptionGroup var options: WorkspaceOptions
    @Option(help: "Address to listen on (default: rapport.yaml, else 127.0.0.1).") var host: String?
    @Option(help: "Port; 0 takes a free one (default: rapport.yaml, else 8080).") var port: Int?

    func validate() throws {
        if let port, !(0...65_535).contains(port) { throw ValidationError("--port must be from 0 to 65535") }
    }

    func run() async throws {
        let workspace = try options.open()
        // A server that begins takes what is being sent for what a dead one left behind.
        let lock = try RunLock(
            directory: workspace.stateDirectory, file: "serve.lock",
            refusal: Diagnostic(
                "server_running", "another server serves this workspace",
                remedy: "end it first: one at a time carries out a workspace's messages"))
        defer { withExtendedLifetime(lock) {} }
        var logger = Logger(label: "rapport", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .notice
        let host = host ?? workspace.settings.host
        let port = port ?? workspace.settings.port
        let services = try await ServerComposition.services(
            workspace: workspace, host: host, port: port, now: SystemClock.now, logger: logger,
            onListening: { port in
                Console.note("Rapport serves \(workspace.settings.name) on http://\(host):\(port)/ (Ctrl-C ends it)")
            })
        let group = ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger))
        try await group.run()
    }
}
