import EngagementModel
package import Ledger

/// Service cases, the soonest due first.
package struct CasesPage: Sendable {
    package struct Row: Sendable, Hashable {
        package var item: ServiceCase
        package var hcp: HCPLabel?
        package var product: String?
        package var owner: String?
        package init(item: ServiceCase, hcp: HCPLabel? = nil, product: String? = nil, owner: String? = nil) {
            self.item = item
            self.hcp = hcp
            self.product = product
            self.owner = owner
        }
    }

    package var isOpen = true
    package var isMine = false
    package var rows: [Row] = []
    package var paging = Paging(page: 1, size: 30, total: 0)
    package var now: Int64 = 0

    package init() {}

    private var fields: FormFields {
        FormFields([("stage", isOpen ? "" : "all"), ("mine", isMine ? "yes" : "")].filter { !$0.1.isEmpty })
    }

    package var view: View {
        .with { view in
            view.set("casesTotal", Format.plural(paging.total, "case"))
            view.set(
                "stagesMarkup",
                Options.markup(
                    [.init("open", "Open"), .init("all", "All")], chosen: isOpen ? "open" : "all"))
            view.set("isMine", isMine)
            view.set(
                "rows",
                rows.map { row in
                    .with {
                        let item = row.item
                        $0.set("casePath", "\(Operation.cases.path)/\(item.number)")
                        $0.set("caseTitle", item.title.isEmpty ? "Erased" : item.title)
                        $0.set("caseNumber", String(item.number))
                        $0.set("caseProduct", [row.product, item.asset].compactMap { $0 }.joined(separator: ", "))
                        $0.set("casePriority", Format.label(item.priority.rawValue))
                        $0.set("casePressing", item.priority == .critical || item.priority == .high)
                        $0.set("caseState", item.state.title)
                        $0.set(
                            "caseDue", item.state.isOpen ? Format.deadline(item.dueAt, now: now) : nil)
                        $0.set("caseLate", item.state.isOpen && item.dueAt < now)
                        $0.set("caseOwner", row.owner ?? "nobody yet")
                        $0.set("caseHCP", row.hcp?.name)
                        $0.set("caseHCPPath", row.hcp?.path)
                        $0.set("caseAccount", row.hcp == nil ? item.accountID : nil)
                    }
                })
            view.set("paging", paging.view(path: Operation.cases.path, fields: fields))
        }
    }
}

/// One case with the timeline that call centre, technician and rep share.
package struct CasePage: Sendable {
    package var row: CasesPage.Row
    package var timeline: [TimelineLine] = []
    /// Inquiries of the case that the person may open.
    package var inquiries: [Inquiry] = []
    package var canMove = false
    package var canNote = false
    package var isMine = false
    package var now: Int64 = 0
    package var said: String?
    package var csrf = ""
    package var once = ""

    package init(row: CasesPage.Row) { self.row = row }

    package var view: View {
        .with { view in
            let item = row.item
            view.set("said", said)
            view.set("csrf", csrf)
            view.set("once", once)
            view.set("version", item.version)
            view.set("path", "\(Operation.cases.path)/\(item.number)")
            view.set("title", item.title.isEmpty ? "Erased" : item.title)
            view.set("number", String(item.number))
            view.set("state", item.state.title)
            view.set("priority", Format.label(item.priority.rawValue))
            view.set("due", item.state.isOpen ? Format.deadline(item.dueAt, now: now) : nil)
            view.set("late", item.state.isOpen && item.dueAt < now)
            view.set("owner", row.owner ?? "Nobody yet")
            view.set("product", row.product)
            view.set("asset", item.asset)
            view.set("opened", Format.time(item.openedAt) + " UTC")
            view.set("account", item.accountID)
            view.set("hcpName", row.hcp?.name)
            view.set("hcpPath", row.hcp?.path)
            view.set("timeline", timeline.map(\.view))
            view.set(
                "inquiries",
                inquiries.map { inquiry in
                    .with {
                        $0.set("inquiryPath", "\(Operation.inbox.path)/\(inquiry.number)")
                        $0.set("inquiryTitle", inquiry.title)
                    }
                })
            view.set("canNote", canNote)
            guard canMove else { return }
            view.set("canMove", true)
            view.set("canAssign", item.state.isOpen && !isMine)
            view.set(
                "statesMarkup",
                Options.markup(
                    CaseState.allCases.filter { item.state.admits($0) }.map { .init($0.rawValue, $0.title) }))
            view.set(
                "prioritiesMarkup",
                Options.markup(
                    CasePriority.allCases.map { .init($0.rawValue, Format.label($0.rawValue)) },
                    chosen: item.priority.rawValue))
        }
    }
}
