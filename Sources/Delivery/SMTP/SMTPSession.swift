import EngagementModel
import Foundation

/// How a session speaks: what it insists on, and as whom.
package struct SMTPTerms: Sendable, Hashable {
    package enum Security: String, Sendable, Hashable, ClosedList {
        /// STARTTLS, and nothing is sent without it.
        case starttls
        /// TLS from the first byte.
        case implicit
        /// In the clear: for a relay on the same machine.
        case none
    }
    package var security: Security
    /// Our own name in EHLO.
    package var helloName: String
    package var user: String?
    /// From a file; never printed.
    package var password: String?

    package init(security: Security = .starttls, helloName: String, user: String? = nil, password: String? = nil) {
        self.security = security
        self.helloName = helloName
        self.user = user
        self.password = password
    }
}

/// What became of one mail, and how sure that is.
package enum SMTPOutcome: Sendable, Hashable {
    case accepted
    /// This mail will never be taken; `suppresses` = because nobody is there.
    case refused(code: String, suppresses: Bool)
    /// Certainly not taken, perhaps later. `isOurs`: the fault lies with the connection, not with this mail.
    case later(code: String, isOurs: Bool)
    /// The text was on its way when the connection ended.
    case unknown(code: String)
}

/// One conversation with a mail server as a value: bytes and events in, actions out.
///
/// Source: RFC 5321; RFC 2920 (PIPELINING), 1870 (SIZE), 3207 (STARTTLS), 4954 (AUTH).
package struct SMTPSession: Sendable {
    package enum Action: Sendable, Hashable {
        case send([UInt8])
        /// Begin TLS now; answer with `secured()`.
        case startTLS
        /// Greeted, secured and signed in: mail may be given.
        case ready
        case outcome(SMTPOutcome)
        /// Arm the one timer; an earlier one is disarmed.
        case wait(Wait)
        case rest
        case close
        /// The server cannot be used for any mail; the code is for people.
        case unusable(code: String)
    }

    /// For what a reply is awaited: the time differs (RFC 5321, section 4.5.3.2).
    package enum Wait: Sendable, Hashable { case greeting, command, data, final }

    private enum State: Hashable {
        case greeting, hello, startTLS, handshake
        case authPlain, authLogin(step: Int)
        case idle
        case envelope(Step)
        case text
        /// RSET after a refusal.
        case resetting
        case quitting, closed
    }

    /// Which reply of the envelope comes next.
    private enum Step: Hashable { case mail, recipient, data }

    private let terms: SMTPTerms
    private var state: State = .greeting
    private var reader = SMTPReplyReader()
    private var isSecure: Bool
    private var abilities: [String: String] = [:]
    private var mail: WireMail?
    /// What the envelope met first; kept until all replies to what was sent ahead are in.
    private var refusal: SMTPOutcome?

    package init(_ terms: SMTPTerms) {
        self.terms = terms
        isSecure = terms.security == .implicit
    }

    package var isIdle: Bool { state == .idle }
    package var isClosed: Bool { state == .closed }

    // MARK: - Events

    package func opened() -> [Action] { [.wait(.greeting)] }

    package mutating func received(_ bytes: some Sequence<UInt8>) -> [Action] {
        guard state != .closed else { return [] }
        // While TLS begins nothing may come in the clear: an attacker could put replies before the handshake.
        if state == .handshake { return broken("smtp_early_bytes") }
        let replies: [SMTPReply]
        do { replies = try reader.read(bytes) } catch { return broken("smtp_malformed") }
        var actions: [Action] = []
        for (index, reply) in replies.enumerated() {
            guard state != .closed else { break }
            actions += answer(reply)
            if state == .handshake, index < replies.count - 1 || reader.isInside {
                return broken("smtp_early_bytes")
            }
        }
        return actions
    }

    /// TLS is up.
    package mutating func secured() -> [Action] {
        guard state == .handshake else { return [] }
        isSecure = true
        reader = SMTPReplyReader()
        return hello()
    }

    /// The connection ended, or never began.
    package mutating func ended(code: String = "smtp_dropped") -> [Action] {
        guard state != .closed else { return [] }
        return broken(code)
    }

    package mutating func timedOut() -> [Action] { ended(code: "smtp_timeout") }

    /// Hands one mail over; only while `isIdle`.
    package mutating func give(_ mail: WireMail) -> [Action] {
        guard state == .idle else { return [.outcome(.later(code: "smtp_busy", isOurs: true))] }
        if let limit = abilities["SIZE"].flatMap({ Int($0) }), limit > 0, mail.bytes.count > limit {
            return [.outcome(.refused(code: "message_too_large", suppresses: false))]
        }
        self.mail = mail
        refusal = nil
        let size = abilities["SIZE"] == nil ? "" : " SIZE=\(mail.bytes.count)"
        let lines = [
            "MAIL FROM:<\(mail.returnPath)>\(size)\r\n", "RCPT TO:<\(mail.recipient)>\r\n", "DATA\r\n",
        ]
        state = .envelope(.mail)
        return abilities["PIPELINING"] != nil
            ? [.send(Array(lines.joined().utf8)), .wait(.command)] : [.send(Array(lines[0].utf8)), .wait(.command)]
    }

    package mutating func quit() -> [Action] {
        guard state == .idle else { return state == .closed ? [] : broken("smtp_stopped") }
        state = .quitting
        return [.send(Array("QUIT\r\n".utf8)), .wait(.command)]
    }

    // MARK: - Replies

    private mutating func answer(_ reply: SMTPReply) -> [Action] {
        switch state {
        case .greeting:
            guard reply.code == 220 else { return useless(reply.word) }
            return hello()
        case .hello: return greeted(reply)
        case .startTLS:
            guard reply.code == 220 else { return useless("smtp_tls_refused") }
            state = .handshake
            return [.startTLS, .wait(.command)]
        case .authPlain, .authLogin: return signIn(reply)
        case .envelope(let step): return envelope(step, reply)
        case .text: return finished(reply)
        case .idle:
            // A server that speaks unasked says good-bye (421) or is confused.
            return broken(reply.word)
        case .resetting:
            guard reply.code == 250 else { return broken(reply.word) }
            return settled()
        case .quitting:
            state = .closed
            return [.rest, .close]
        case .handshake, .closed: return []
        }
    }

    private mutating func hello() -> [Action] {
        state = .hello
        abilities = [:]
        return [.send(Array("EHLO \(terms.helloName)\r\n".utf8)), .wait(.command)]
    }

    private mutating func greeted(_ reply: SMTPReply) -> [Action] {
        guard reply.code == 250 else { return useless(reply.word) }
        for line in reply.lines.dropFirst() {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            if let name = words.first { abilities[name.uppercased()] = words.count > 1 ? words[1] : "" }
        }
        if terms.security == .starttls && !isSecure {
            guard abilities["STARTTLS"] != nil else { return useless("smtp_no_starttls") }
            state = .startTLS
            return [.send(Array("STARTTLS\r\n".utf8)), .wait(.command)]
        }
        guard let user = terms.user, let password = terms.password else { return settled() }
        // A password in the clear is worse than no mail.
        guard isSecure || terms.security == .none else { return useless("smtp_no_starttls") }
        let ways = Set((abilities["AUTH"] ?? "").uppercased().split(separator: " ").map(String.init))
        if ways.contains("PLAIN") {
            state = .authPlain
            let secret = Data("\u{0}\(user)\u{0}\(password)".utf8).base64EncodedString()
            return [.send(Array("AUTH PLAIN \(secret)\r\n".utf8)), .wait(.command)]
        }
        guard ways.contains("LOGIN") else { return useless("smtp_no_auth") }
        state = .authLogin(step: 0)
        return [.send(Array("AUTH LOGIN\r\n".utf8)), .wait(.command)]
    }

    private mutating func signIn(_ reply: SMTPReply) -> [Action] {
        if reply.code == 235 { return settled() }
        guard case .authLogin(let step) = state, reply.code == 334, step < 2 else { return useless(reply.word) }
        state = .authLogin(step: step + 1)
        let word = step == 0 ? terms.user ?? "" : terms.password ?? ""
        return [.send(Array((Data(word.utf8).base64EncodedString() + "\r\n").utf8)), .wait(.command)]
    }

    private mutating func settled() -> [Action] {
        state = .idle
        return [.rest, .ready]
    }

    private mutating func envelope(_ step: Step, _ reply: SMTPReply) -> [Action] {
        guard let mail else { return broken("smtp_confused") }
        let isAhead = abilities["PIPELINING"] != nil
        if reply.code == 421 { return farewell(reply) }
        switch step {
        case .mail, .recipient:
            guard reply.isPositive else {
                if reply.code < 400 { return broken("smtp_confused") }
                if refusal == nil { refusal = Self.refusal(reply, step) }
                guard isAhead else { return reset() }
                state = .envelope(step == .mail ? .recipient : .data)
                return [.wait(.command)]
            }
            state = .envelope(step == .mail ? .recipient : .data)
            guard !isAhead else { return [.wait(step == .mail ? .command : .data)] }
            let line = step == .mail ? "RCPT TO:<\(mail.recipient)>\r\n" : "DATA\r\n"
            return [.send(Array(line.utf8)), .wait(step == .mail ? .command : .data)]
        case .data:
            if let refusal {
                // Everything that was sent ahead is answered. Asking for a text that has no recipient is a confusion out
                // of which only closing leads for certain (RFC 2920 would let us send an empty text).
                if reply.code == 354 { return end(with: refusal) }
                return reset()
            }
            guard reply.code == 354 else {
                guard reply.code >= 400 else { return broken("smtp_confused") }
                refusal = Self.refusal(reply, step)
                return reset()
            }
            state = .text
            return [.send(Self.stuffed(mail.bytes)), .wait(.final)]
        }
    }

    private mutating func finished(_ reply: SMTPReply) -> [Action] {
        if reply.isPositive { return conclude(.accepted) }
        if reply.code == 421 { return farewell(reply) }
        // 3xx after the text means nothing: nobody knows.
        guard reply.code >= 400 else { return broken("smtp_confused") }
        return conclude(
            reply.isPermanent
                ? .refused(code: reply.word, suppresses: false) : .later(code: reply.word, isOurs: false))
    }

    private mutating func conclude(_ outcome: SMTPOutcome) -> [Action] {
        mail = nil
        state = .idle
        return [.rest, .outcome(outcome), .ready]
    }

    /// Ends a transaction that was refused, and clears what the server remembers of it.
    private mutating func reset() -> [Action] {
        let outcome = refusal ?? .later(code: "smtp_confused", isOurs: true)
        mail = nil
        refusal = nil
        state = .resetting
        return [.outcome(outcome), .send(Array("RSET\r\n".utf8)), .wait(.command)]
    }

    /// 421: the server closes. A reply to the text is an answer nevertheless: it was not taken.
    private mutating func farewell(_ reply: SMTPReply) -> [Action] {
        end(with: refusal ?? .later(code: reply.word, isOurs: true))
    }

    private mutating func end(with outcome: SMTPOutcome) -> [Action] {
        let hadMail = mail != nil
        mail = nil
        state = .closed
        return (hadMail ? [.outcome(outcome)] : []) + [.rest, .close]
    }

    /// Before a mail was given: the server is of no use to anybody.
    private mutating func useless(_ code: String) -> [Action] {
        state = .closed
        return [.rest, .unusable(code: code), .close]
    }

    private mutating func broken(_ code: String) -> [Action] {
        switch state {
        case .text: return end(with: .unknown(code: code))
        case .envelope: return end(with: refusal ?? .later(code: code, isOurs: true))
        case .idle, .resetting, .quitting, .closed:
            state = .closed
            return [.rest, .close]
        default: return useless(code)
        }
    }

    // MARK: - Meaning

    private static func refusal(_ reply: SMTPReply, _ step: Step) -> SMTPOutcome {
        guard reply.isPermanent else { return .later(code: reply.word, isOurs: false) }
        // Not signed in, TLS wanted, bad sequence: our set-up is wrong, the mail is not.
        if [503, 530, 534, 535, 538].contains(reply.code) { return .later(code: reply.word, isOurs: true) }
        // Too many recipients (RFC 5321, section 4.5.3.1.10): passes, unless the code says that the box is full.
        if step == .recipient, reply.code == 552, reply.enhanced == nil {
            return .later(code: reply.word, isOurs: false)
        }
        return .refused(code: reply.word, suppresses: step == .recipient && Self.isNobody(reply))
    }

    /// Whether a refusal of the recipient says that nobody is there, and not that the box is full or we are unwelcome.
    private static func isNobody(_ reply: SMTPReply) -> Bool {
        guard let enhanced = reply.enhanced else { return [550, 551, 553].contains(reply.code) }
        return ["5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"].contains(enhanced)
    }

    /// The text with its leading dots doubled and its end (RFC 5321, section 4.5.2).
    static func stuffed(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 64)
        var isStart = true
        for byte in bytes {
            if isStart && byte == 46 { result.append(46) }
            result.append(byte)
            isStart = byte == 10
        }
        if !isStart { result += [13, 10] }
        return result + [46, 13, 10]
    }
}
