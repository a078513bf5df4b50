import Delivery
import EngagementModel
import Foundation
import HTTPTypes
import Hummingbird
import Ledger

/// What was written instead of sent, what nobody knows the end of, and which receivers are switched off.
struct OutboxRoutes: Sendable {
    let pages: PageRenderer
    let context: ServerContext

    func add(to routes: Routes) {
        routes.guarded(.outbox) { call in
            let page = try await OutboxReads(context: context).page(
                csrf: call.visit.csrf, canSettle: Operation.settleClaim.allows(call.visit.identity.role))
            return .html(
                try pages.document("outbox", page.view, title: "Outbox", section: .outbox, visit: call.visit))
        }
        routes.guarded(.outboxMessage) { call in
            let id = try call.parameter("id")
            guard let message = try await OutboxReads(context: context).message(id) else { throw HTTPError(.notFound) }
            var response = Response.html(
                try pages.document(
                    "outbox-message", message.view, title: message.subject, section: .outbox, visit: call.visit))
            // The one page that frames something: the message, from our own address, in a sandbox of its own.
            response.headers[.contentSecurityPolicy] = SecurityHeaders.policy + "; frame-src 'self'"
            return response
        }
        routes.guarded(.outboxBody) { call in
            let id = try call.parameter("id")
            guard let message = try await OutboxReads(context: context).message(id), let html = message.html else {
                throw HTTPError(.notFound)
            }
            var response = Response.html(html)
            // Nothing runs, nothing is fetched, nothing is sent: an open pixel that is looked at here is no open.
            response.headers[.contentSecurityPolicy] =
                "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
            response.headers[.frameOptions] = "SAMEORIGIN"
            return response
        }
        routes.guarded(.settleClaim) { call in
            guard let number = Int64(try call.parameter("id")) else { throw HTTPError(.notFound) }
            let settlement: Settlement =
                switch call.form["as"] {
                case "sent": .wasSent
                case "not_sent": .wasNotSent(code: "settled_not_sent")
                case "again": .sendAgain
                default: throw Diagnostic("bad_form", "Choose what became of the message.")
                }
            try await ClaimDesk(ledger: context.ledger, policy: ClaimPolicy(strategy: context.strategy))
                .settle(number, settlement, by: call.visit.identity.principal)
            if case .sendAgain = settlement { context.mail?.nudge() }
            return .seeOther(Operation.outbox.path)
        }
        routes.guarded(.enableEndpoint) { call in
            try await context.ledger.enableEndpoint(
                try call.parameter("id"), by: call.visit.identity.principal)
            context.mail?.nudge()
            return .seeOther(Operation.outbox.path)
        }
    }
}

/// Reads the sandbox's folder and the ledger.
struct OutboxReads: Sendable {
    let context: ServerContext
    /// The newest of so many.
    private static let rows = 100
    private static let longest = 8_000_000

    func page(csrf: String, canSettle: Bool) async throws -> OutboxPage {
        var page = OutboxPage(csrf: csrf, canSettle: canSettle, isLive: context.mail?.isLive ?? false)
        let names = names()
        page.count = names.count
        for name in names.prefix(Self.rows) {
            guard let message = try await message(String(name)) else { continue }
            page.messages.append(message)
        }
        page.uncertain = try await context.ledger.claims(in: .uncertain, limit: Self.rows)
        page.endpoints = try await context.ledger.disabledEndpoints().sorted { $0.key < $1.key }
            .map { (name: $0.key, code: $0.value) }
        return page
    }

    /// Files by the number of their claim, the newest first.
    private func names() -> [String] {
        guard let folder = context.mail?.outboxFolder,
            let names = try? FileManager.default.contentsOfDirectory(atPath: folder)
        else { return [] }
        return names.filter { $0.hasSuffix(".eml") || $0.hasSuffix(".json") }
            .map { (number: Self.claim(of: $0), name: $0) }.filter { $0.number > 0 }
            .sorted { $0.number > $1.number }.map(\.name)
    }

    private static func claim(of name: String) -> Int64 { Int64(name.prefix { $0 != "." }) ?? 0 }

    /// - Parameter name: as the folder has it; anything that is no plain name finds nothing.
    func message(_ name: String) async throws -> OutboxMessage? {
        guard let folder = context.mail?.outboxFolder, name.utf8.count <= 120, !name.hasPrefix("."),
            name.utf8.allSatisfy({ byte in
                (48...57).contains(byte) || (97...122).contains(byte) || (65...90).contains(byte)
                    || byte == 46 || byte == 45 || byte == 95
            }),
            let data = FileManager.default.contents(atPath: "\(folder)/\(name)"), data.count <= Self.longest
        else { return nil }
        let claim = try await context.ledger.claim(Self.claim(of: name))
        if name.hasSuffix(".eml") { return OutboxMessage(name: name, mail: MIMEPart(Array(data)), claim: claim) }
        return OutboxMessage(name: name, json: data, claim: claim)
    }
}

/// One message of the sandbox.
struct OutboxMessage: Sendable {
    var name: String
    var subject: String
    var recipient: String
    var date: String
    var text: String
    var html: String?
    var claim: Claim?

    init(name: String, mail: MIMEPart, claim: Claim?) {
        self.name = name
        self.claim = claim
        subject = EncodedWords.decoded(mail["subject"] ?? "")
        recipient = mail["to"] ?? ""
        date = mail["date"] ?? ""
        let parts = mail.all
        text = parts.first { $0.type == "text/plain" }?.text ?? ""
        html = parts.first { $0.type == "text/html" }?.text
    }

    init?(name: String, json: Data, claim: Claim?) {
        struct Body: Decodable {
            struct Inner: Decodable {
                var to: String?
                var subject: String
                var text: String
            }
            var timestamp: String
            var data: Inner
        }
        guard let body = try? JSONDecoder().decode(Body.self, from: json) else { return nil }
        self.name = name
        self.claim = claim
        subject = body.data.subject
        recipient = body.data.to ?? ""
        date = body.timestamp
        text = body.data.text
    }

    var view: View {
        .with {
            $0.set("messageName", name)
            $0.set("messageSubject", subject.isEmpty ? "(no subject)" : subject)
            $0.set("messageTo", recipient)
            $0.set("messageDate", date)
            $0.set("messageText", text)
            $0.set("messageHTML", html != nil)
            $0.set("messageChannel", claim?.channel.title)
            $0.set("messageState", claim?.state.rawValue ?? "unknown")
        }
    }
}

struct OutboxPage: Sendable {
    var csrf: String
    var canSettle: Bool
    var isLive: Bool
    var count = 0
    var messages: [OutboxMessage] = []
    var uncertain: [Claim] = []
    var endpoints: [(name: String, code: String)] = []

    init(csrf: String, canSettle: Bool, isLive: Bool) {
        self.csrf = csrf
        self.canSettle = canSettle
        self.isLive = isLive
    }

    var view: View {
        .with { view in
            view.set("isLive", isLive)
            view.set("csrf", csrf)
            view.set("canSettle", canSettle)
            view.set("messageCount", Format.count(count))
            view.set("messages", messages.map(\.view))
            view.set(
                "uncertain",
                uncertain.map { claim in
                    .with {
                        $0.set("claimNumber", String(claim.number))
                        $0.set("claimChannel", claim.channel.title)
                        $0.set("claimHCP", claim.hcpID)
                        $0.set("claimDay", Format.day(claim.day))
                        $0.set("claimContent", claim.contentID ?? "–")
                        $0.set("claimCause", claim.failure ?? "recovered")
                        $0.set("csrf", csrf)
                        $0.set("canSettle", canSettle)
                    }
                })
            view.set(
                "endpoints",
                endpoints.map { endpoint in
                    .with {
                        $0.set("endpointName", endpoint.name)
                        $0.set("endpointCode", endpoint.code)
                        $0.set("csrf", csrf)
                        $0.set("canSettle", canSettle)
                    }
                })
        }
    }
}
