import NIOCore
import NIOPosix

/// A few connections to one mail server, used again and again.
actor SMTPPool {
    private let server: SMTPServer
    private let group: any EventLoopGroup
    /// Mails after which a connection is left: some servers count.
    private let mailsEach: Int
    private var idle: [(connection: SMTPConnection, used: Int)] = []
    private let slots: Slots

    init(_ server: SMTPServer, connections: Int, mailsEach: Int, group: any EventLoopGroup) {
        self.server = server
        self.group = group
        self.mailsEach = mailsEach
        slots = Slots(connections)
    }

    func deliver(_ mail: WireMail) async -> SMTPOutcome {
        await slots.take()
        let outcome = await attempt(mail)
        await slots.give()
        return outcome
    }

    private func attempt(_ mail: WireMail) async -> SMTPOutcome {
        while let found = idle.popLast() {
            guard found.connection.isAlive else { continue }
            let outcome = await found.connection.deliver(mail)
            // The server had closed a connection that lay idle: certainly nothing was taken, so another one may try.
            if outcome == .later(code: "smtp_dropped", isOurs: true) { continue }
            await keep(found.connection, used: found.used + 1)
            return outcome
        }
        let connection: SMTPConnection
        do { connection = try await SMTPConnection.open(server, on: group) } catch {
            return .later(code: (error as? SMTPUnusable)?.code ?? "smtp_unreachable", isOurs: true)
        }
        let outcome = await connection.deliver(mail)
        await keep(connection, used: 1)
        return outcome
    }

    private func keep(_ connection: SMTPConnection, used: Int) async {
        guard connection.isAlive else { return }
        if used < mailsEach { return idle.append((connection, used)) }
        await connection.quit()
    }

    func close() async {
        let open = idle
        idle = []
        for (connection, _) in open where connection.isAlive { await connection.quit() }
    }
}

/// So many at a time; who comes first is served first.
actor Slots {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var next = 0

    init(_ count: Int) { free = count }

    func take() async {
        if free > 0 {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func give() {
        guard next < waiting.count else {
            waiting = []
            next = 0
            free += 1
            return
        }
        waiting[next].resume()
        next += 1
        if next == waiting.count {
            waiting = []
            next = 0
        }
    }
}
