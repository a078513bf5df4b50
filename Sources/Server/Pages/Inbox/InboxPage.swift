package import EngagementModel
package import Ledger

/// The inbox: what waits for an answer, the soonest due first.
package struct InboxPage: Sendable {
    package struct Row: Sendable, Hashable {
        package var inquiry: Inquiry
        package var hcp: HCPLabel?
        package var product: String?
        package var assignee: String?
        package init(inquiry: Inquiry, hcp: HCPLabel? = nil, product: String? = nil, assignee: String? = nil) {
            self.inquiry = inquiry
            self.hcp = hcp
            self.product = product
            self.assignee = assignee
        }
    }

    package var filter = InquiryFilter()
    /// Queues that the person sees, in order, with what is open in each.
    package var queues: [(queue: InquiryQueue, open: Int)] = []
    /// What waits for anybody, in every queue.
    package var waiting = 0
    package var rows: [Row] = []
    package var paging = Paging(page: 1, size: 30, total: 0)
    package var now: Int64 = 0
    package var said: String?

    package init() {}

    static func fields(_ filter: InquiryFilter) -> FormFields {
        var pairs: [(String, String)] = []
        if let queue = filter.queue { pairs.append(("queue", queue.rawValue)) }
        if filter.stage != .open { pairs.append(("stage", filter.stage.rawValue)) }
        if filter.isMine { pairs.append(("mine", "yes")) }
        return FormFields(pairs)
    }

    package var view: View {
        .with { view in
            let path = Operation.inbox.path
            view.set("said", said)
            view.set("inboxTotal", Format.plural(paging.total, "inquiry", "inquiries"))
            var whole = filter
            whole.queue = nil
            let tabs: [(String, InquiryQueue?, Int)] =
                (queues.count > 1 ? [("All", nil, waiting)] : []) + queues.map { ($0.queue.title, $0.queue, $0.open) }
            view.set(
                "tabs",
                tabs.map { title, queue, count in
                    .with {
                        $0.set("tabTitle", title)
                        $0.set("tabCount", Format.count(count))
                        $0.set("tabHere", filter.queue == queue || (tabs.count == 1))
                        whole.queue = queue
                        $0.set("tabPath", path + Self.fields(whole).query)
                    }
                })
            view.set("queueValue", filter.queue?.rawValue)
            view.set(
                "stagesMarkup",
                Options.markup(
                    InquiryFilter.Stage.allCases.map { .init($0.rawValue, Format.label($0.rawValue)) },
                    chosen: filter.stage.rawValue))
            view.set("isMine", filter.isMine)
            view.set("rows", rows.map { $0.view(now: now, safetyFirst: filter.queue == .safety) })
            view.set("paging", paging.view(path: path, fields: Self.fields(filter)))
        }
    }
}

extension InboxPage.Row {
    func view(now: Int64, safetyFirst: Bool) -> View {
        .with { view in
            let flag = inquiry.flags.filter(\.state.isOpen).min { $0.dueAt < $1.dueAt }
            view.set("rowPath", "\(Operation.inbox.path)/\(inquiry.number)")
            view.set("rowTitle", inquiry.title)
            view.set("rowExcerpt", inquiry.excerpt)
            view.set("rowKind", inquiry.kindTitle)
            view.set("rowProduct", product)
            view.set("rowMedical", inquiry.isMedical)
            view.set("rowHigh", inquiry.finding.urgency == .high)
            if let flag {
                view.set("rowFlag", flag.kind.title + (flag.isSerious ? ", serious" : ""))
                view.set("rowFlagDue", "safety \(Format.deadline(flag.dueAt, now: now))")
                view.set("rowFlagLate", flag.dueAt < now)
            }
            let isOpen = inquiry.state.isOpen
            view.set("rowDue", isOpen ? Format.deadline(inquiry.dueAt, now: now) : Format.label(inquiry.state.rawValue))
            view.set("rowLate", isOpen && inquiry.dueAt < now)
            view.set("rowQueue", inquiry.queue.title)
            view.set("rowReceived", Format.time(inquiry.receivedAt))
            view.set("rowChannel", inquiry.channel.title)
            view.set("rowState", assignee ?? Format.label(inquiry.state.rawValue))
            if let hcp {
                view.set("rowHCP", hcp.name)
                view.set("rowHCPPath", hcp.path)
            } else {
                view.set("rowFrom", inquiry.sender)
            }
        }
    }
}

extension Inquiry {
    /// One line that names it.
    var title: String {
        if !subject.isEmpty { return String(subject.prefix(100)) }
        if body.isEmpty { return "Erased (no. \(number))" }
        return finding.kind == .other ? "Inquiry \(number)" : "\(finding.kind.title) (no. \(number))"
    }

    /// What it is about; where the words tell of harm only, that.
    var kindTitle: String {
        finding.kind == .other ? flags.first?.kind.title ?? finding.kind.title : finding.kind.title
    }

    var excerpt: String {
        let line = body.split(whereSeparator: \.isWhitespace).prefix(40).joined(separator: " ")
        return line.count > 140 ? line.prefix(139) + "…" : line
    }

    /// Who wrote, where no HCP is known.
    var sender: String { fromName ?? fromAddress ?? (body.isEmpty ? "Erased" : "Unknown sender") }
}
