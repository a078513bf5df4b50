import EngagementModel
package import Ledger
import Words

/// One inquiry: what was written, what was read in it and why, who must have it until when, and what can be done.
package struct InquiryPage: Sendable {
    package var inquiry: Inquiry
    package var hcp: HCPLabel?
    package var product: String?
    package var assignee: String?
    package var timeline: [TimelineLine] = []
    package var files: [InquiryFile] = []
    package var similar: [Inquiry] = []
    package var answers: [ApprovedAnswer] = []
    package var canAct = false
    package var canSettle = false
    package var canIdentify = false
    package var canOpenCase = false
    package var seesCase = true
    package var isMine = false
    package var now: Int64 = 0
    package var said: String?
    package var failed = false
    package var csrf = ""
    /// Makes a form count once.
    package var once = ""

    package init(inquiry: Inquiry) { self.inquiry = inquiry }

    package var view: View {
        .with { view in
            view.set("said", said)
            view.set("failed", failed)
            view.set("csrf", csrf)
            view.set("once", once)
            view.set("version", inquiry.version)
            view.set("path", "\(Operation.inbox.path)/\(inquiry.number)")
            view.set("title", inquiry.title)
            view.set("received", "\(inquiry.channel.title), \(Format.time(inquiry.receivedAt)) UTC")
            view.set("state", Format.label(inquiry.state.rawValue) + (assignee.map { ": \($0)" } ?? ""))
            view.set("queue", inquiry.queue.title)
            view.set("due", inquiry.state.isOpen ? Format.deadline(inquiry.dueAt, now: now) : nil)
            view.set("late", inquiry.state.isOpen && inquiry.dueAt < now)
            view.set("isMedical", inquiry.isMedical)
            view.set("body", inquiry.body)
            view.set("held", inquiry.heldSince.map { "\(Format.time($0)) UTC" })
            view.set("erased", inquiry.body.isEmpty && inquiry.subject.isEmpty)
            setSender(&view)
            setReading(&view)
            setFlags(&view)
            view.set("timeline", timeline.map(\.view))
            view.set("files", files.filter { !$0.isErased }.map(\.view))
            view.set(
                "similar",
                similar.map { other in
                    .with {
                        $0.set("similarPath", "\(Operation.inbox.path)/\(other.number)")
                        $0.set("similarTitle", other.title)
                        $0.set("similarDay", Format.time(other.receivedAt))
                    }
                })
            if let number = inquiry.caseNumber, seesCase {
                view.set("casePath", "\(Operation.cases.path)/\(number)")
                view.set("caseName", "Case \(number)")
            } else if canOpenCase && inquiry.caseNumber == nil {
                view.set("canOpenCase", true)
            }
            setActs(&view)
        }
    }

    private func setSender(_ view: inout View) {
        if let hcp {
            view.set("hcpName", hcp.name)
            view.set("hcpPath", hcp.path)
            view.set("hcpPlace", hcp.place)
        }
        view.set("fromName", inquiry.fromName)
        view.set("fromAddress", inquiry.fromAddress)
        view.set("identified", identified)
        view.set("canIdentify", canIdentify && inquiry.hcpID == nil)
        view.set("account", inquiry.accountID)
    }

    /// How far it is certain who wrote.
    private var identified: String? {
        switch inquiry.identifiedBy {
        case .link: "Known by the signed link of a message."
        case .reply: "Known: an answer to a message of ours."
        case .address: "Known by the e-mail address alone; an address can be forged."
        case .program: "Named by the program that sent it."
        case .person: "Named by a colleague."
        case nil: inquiry.hcpID == nil ? "Nobody is known to have written this." : nil
        }
    }

    private func setReading(_ view: inout View) {
        view.set("kind", inquiry.kindTitle)
        view.set("topic", inquiry.finding.topic.map(Format.label))
        view.set("product", product)
        view.set("urgency", Format.label(inquiry.finding.urgency.rawValue))
        view.set("evidence", inquiry.finding.evidence.joined(separator: ", "))
        view.set("asked", inquiry.asked.map { PublicWords.of("en").ask.choices[$0] ?? "" })
        view.set("reader", inquiry.finding.reader)
        view.set("why", reason)
    }

    /// Why it lies where it was laid first, in a sentence.
    private var reason: String {
        let rule = inquiry.rule
        switch rule {
        case "medical": return "A medical question: it goes to medical, and stays out of promotional features."
        case "device_complaint": return "A device failed: service has it, and safety has a flag."
        case "no_rep": return "It is for the rep in charge, and there is none: inside sales answers."
        case "fallback":
            return "Nothing was recognised in the text: whoever can rule out a medical question looks first."
        default:
            if rule.hasPrefix("asked:") { return "The text says little; the sender chose what it is about." }
            return "Routing rule \(rule.drop { $0 != ":" }.dropFirst()): \(inquiry.finding.kind.title.lowercased())."
        }
    }

    private func setFlags(_ view: inout View) {
        view.set(
            "flags",
            inquiry.flags.map { flag in
                .with {
                    $0.set("flagNumber", String(flag.number))
                    $0.set("flagTitle", flag.kind.title + (flag.isSerious ? ", serious" : ""))
                    $0.set("flagOpen", flag.state.isOpen)
                    $0.set("flagLate", flag.state.isOpen && flag.dueAt < now)
                    $0.set(
                        "flagDue",
                        flag.state.isOpen
                            ? "Safety must have it \(Format.deadline(flag.dueAt, now: now)) (\(Format.time(flag.dueAt)) UTC)."
                            : nil)
                    $0.set("flagState", flag.words)
                    $0.set("canSettle", canSettle && flag.state.isOpen)
                    $0.set("canAcknowledge", canSettle && flag.state == .open)
                }
            })
    }

    private func setActs(_ view: inout View) {
        guard canAct else { return }
        let isOpen = inquiry.state.isOpen
        view.set("canAct", true)
        view.set("isOpen", isOpen)
        view.set("canClose", inquiry.state != .closed)
        view.set("canReopen", !isOpen)
        view.set("canAssign", isOpen && !isMine)
        view.set("canRelease", isOpen && isMine)
        view.set(
            "queuesMarkup",
            Options.markup(
                InquiryQueue.allCases.filter { $0 != inquiry.queue && $0 != .safety }.map {
                    .init($0.rawValue, $0.title)
                }))
        view.set("leavesMedical", inquiry.isMedical)
        view.set(
            "waysMarkup",
            Options.markup([Channel.phone, .email, .inPerson, .video, .mail].map { .init($0.rawValue, $0.title) }))
        view.set(
            "answers",
            answers.map { answer in
                .with {
                    $0.set("answerID", answer.contentID)
                    $0.set("answerTitle", answer.title)
                    $0.set("answerSubject", answer.subject)
                    $0.set("answerText", answer.text)
                    $0.set("answerPurpose", Format.label(answer.purpose.rawValue))
                }
            })
        view.set("hasNoAnswers", isOpen && answers.isEmpty)
    }
}

extension Inquiry.SafetyFlag {
    /// What has become of it, in a sentence.
    var words: String {
        switch state {
        case .open: "Nobody of safety has taken it yet."
        case .acknowledged: "Safety has taken it."
        case .reported: "Reported as \(reference ?? "")."
        case .dismissed: "Dismissed: \(reason ?? "")"
        }
    }
}
