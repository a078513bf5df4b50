package import EngagementModel

/// What surrounds every page: who is signed in, where one can go, how fresh the plan is.
package struct Layout: Sendable {
    package enum Section: String, Sendable, CaseIterable {
        case today, inbox, cases, hcp, owner, fieldForce, insight, calendar, journeys, outbox, content, catalogue
        case identity, none
    }

    package var title: String
    package var section: Section
    package var visit: Visit?
    package var stamp: PlanStamp?
    package var assets: AssetPaths
    /// Two-letter code of the interface's language.
    package var language = "en"
    /// Extra script of the page.
    package var usesKeys = false

    func view(content: String) -> View {
        .with { view in
            view.set("pageTitle", title)
            view.set("language", language)
            view.set("content", Markup(trusted: content))
            view.set("cssPath", assets.css)
            view.set("jsPath", assets.script)
            view.set("htmxPath", assets.htmx)
            view.set("usesKeys", usesKeys)
            if let stamp { view.set("stamp", stamp.sentence) }
            guard let visit else { return }
            view.set("signedIn", true)
            view.set("userName", visit.identity.name)
            view.set("userRole", visit.identity.role.title)
            view.set("csrf", visit.csrf)
            view.set(
                "navigation",
                Self.entries(visit.identity.role).map { entry in
                    .with {
                        $0.set("navTitle", entry.title)
                        $0.set("navPath", entry.path)
                        $0.set("navHere", entry.section == section)
                    }
                })
        }
    }

    private static func entries(_ role: Role) -> [(title: String, path: String, section: Section)] {
        let all: [(String, Operation, Section)] = [
            ("Today", .today, .today), ("Inbox", .inbox, .inbox), ("Cases", .cases, .cases), ("HCPs", .hcpSearch, .hcp),
            ("Reach and plan", .owner, .owner), ("Field force", .fieldForce, .fieldForce),
            ("Insight", .insight, .insight), ("Calendar", .calendar, .calendar), ("Journeys", .journeys, .journeys),
            ("Content", .contents, .content), ("Outbox", .outbox, .outbox), ("Data", .catalogue, .catalogue),
            ("Identity", .identity, .identity),
        ]
        return all.filter { $0.1.allows(role) }.map { ($0.0, $0.1.path, $0.2) }
    }
}

/// Which plan the pages show.
package struct PlanStamp: Sendable, Hashable {
    package var runID: String
    package var asOf: Day
    package var strategyVersion: String
    package var modelVersion: String

    package init(runID: String, asOf: Day, strategyVersion: String = "", modelVersion: String = "") {
        self.runID = runID
        self.asOf = asOf
        self.strategyVersion = strategyVersion
        self.modelVersion = modelVersion
    }

    var sentence: String {
        var parts = ["Data and plan as of \(Format.day(asOf))", "run \(runID)"]
        if !strategyVersion.isEmpty { parts.append("strategy \(strategyVersion)") }
        if !modelVersion.isEmpty { parts.append("model \(modelVersion)") }
        return parts.joined(separator: " · ")
    }
}

extension Role {
    /// The name that pages show.
    package var title: String {
        switch self {
        case .rep: "Rep"
        case .msl: "Medical liaison"
        case .manager: "Manager"
        case .owner: "Owner"
        case .marketer: "Marketer"
        case .analyst: "Analyst"
        case .compliance: "Compliance"
        case .safety: "Safety"
        case .service: "Service"
        case .admin: "Administrator"
        case .medical: "Medical information"
        case .insideSales: "Inside sales"
        }
    }

    /// Sees only the HCPs of the own territory or team.
    package var isBoundToTerritory: Bool { [.rep, .msl, .manager, .service, .insideSales].contains(self) }

    /// Whose people may have no territory: call centre and inside sales.
    package var isDesk: Bool { self == .service || self == .insideSales }

    /// Individual volumes that an HCP or a country hides stay out of the field's pages; the field's managers included.
    package var seesHiddenVolumes: Bool { self == .owner || self == .analyst || self == .compliance }

    /// The purpose firewall: medical contacts are for medical, safety and compliance people only.
    package var seesMedicalContacts: Bool { [.msl, .medical, .safety, .compliance].contains(self) }
}
