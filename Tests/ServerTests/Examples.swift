import EngagementModel

@testable import Server

/// Page models built by hand, full and with a text of choice in every place that holds text.
enum Examples {
    static let asOf = Day("2025-12-31")!
    static let visit = Visit(
        identity: Identity(userID: "user:1", login: "ruth", name: "Ruth Berger", role: .rep, repID: "R1"), csrf: "token"
    )

    static func label(_ text: String? = nil) -> HCPLabel {
        HCPLabel(
            hcpID: text ?? "H1", name: text ?? "Anna Keller, MD", specialty: text ?? "cardiology",
            site: text ?? "Klinik Nord", city: text ?? "Hamburg")
    }

    static func effect(_ text: String? = nil) -> EffectEstimate {
        EffectEstimate(expected: 0.8, low: -0.1, high: 1.7, measure: text ?? "prescriptions")
    }

    static func item(_ number: Int, status: DecisionStatus = .planned, text: String? = nil) -> TodayItem {
        TodayItem(
            decisionID: "D\(number)", rank: number, hcp: label(text), channel: .inPerson,
            content: ContentLabel(
                contentID: text ?? "C1", title: text ?? "Efficacy", topic: text ?? "efficacy", format: text ?? "pdf"),
            product: text ?? "Cardexa", day: asOf + 5, hour: 14, effect: effect(text),
            reasons: [text ?? "First.", text ?? "Second.", text ?? "Third."],
            consents: [ConsentBadge(channel: .email, state: .missing, reason: text ?? "no opt-in")],
            lastContact: LastContact(day: asOf + -20, channel: .email, direction: .push, level: .reached),
            system: [SystemTouch(day: asOf + 8, hour: 9, channel: .email, title: text ?? "Cost")], minutes: 45,
            status: status, outcome: status == .planned ? nil : text ?? "wrong time",
            alternatives: [ContentLabel(contentID: text ?? "C1", title: text ?? "Efficacy")])
    }

    static func today(_ text: String? = nil) -> TodayPage {
        var page = TodayPage(rep: .init(repID: "R1", name: text ?? "Ruth Berger"))
        page.stamp = PlanStamp(runID: text ?? "run-1", asOf: asOf, strategyVersion: text ?? "s1", modelVersion: "m1")
        page.days = [.init(day: asOf + 5, open: 3, total: 4), .init(day: asOf + 6, open: 1, total: 1)]
        page.filter.day = asOf + 5
        page.filter.text = text ?? "ham"
        page.items = [
            item(1, text: text), item(2, status: .accepted, text: text), item(3, status: .dismissed, text: text),
            item(4, status: .snoozed, text: text), item(5, status: .executed, text: text),
        ]
        page.paging = Paging(page: 2, size: 25, total: 80)
        page.counts.open = 3
        page.counts.minutes = 130
        page.counts.minutesAvailable = 420
        page.channels = [.inPerson, .phone]
        page.team = [.init(repID: text ?? "R1", name: text ?? "Ruth Berger")]
        page.said = .init(text ?? "Accepted: visit.", link: "Show", path: "/today")
        page.csrf = "token"
        return page
    }

    static func hcp(_ text: String? = nil) -> HCPPage {
        var record = HCPRecord(hcpNo: 0, label: label(text), sourceCount: 2)
        record.npi = text ?? "1234567893"
        record.email = text ?? "a@example.org"
        record.address = text ?? "Main street 1"
        var page = HCPPage(hcp: record, asOf: asOf)
        page.reps = [
            RepInCharge(repID: "R1", name: text ?? "Ruth", kind: "field", team: text ?? "cardio", territory: text)
        ]
        page.plan = [
            PlannedTouch(
                decisionID: "D1", day: asOf + 5, hour: 14, channel: .inPerson, title: text ?? "Efficacy",
                sender: text ?? "Ruth", effect: effect(text), value: 40, reasons: [text ?? "First."])
        ]
        page.timeline = [
            TimelineEntry(
                at: 1_767_000_000_000_000, channel: .email, direction: .push, title: text ?? "Efficacy",
                rep: text ?? "Ruth", status: "delivered", level: .engaged),
            TimelineEntry(
                at: 1_766_000_000_000_000, channel: .portal, direction: .pull, kind: text ?? "view", level: .reached),
            TimelineEntry(at: 1_765_000_000_000_000, channel: .email, direction: .push, machine: true),
        ]
        page.timelinePaging = Paging(page: 1, size: 20, total: 45)
        page.volumes = .series([
            VolumeSeries(
                product: text ?? "Cardexa", measure: text ?? "prescriptions",
                months: [Day(year: 2025, month: 11, day: 1), Day(year: 2025, month: 12, day: 1)], values: [4, nil])
        ])
        page.channels = [
            ChannelPreference(
                channel: .email, touches: 12, reached: 6, engaged: 3, responseRate: 0.31, lastDay: asOf + -19)
        ]
        page.topics = [
            TopicPreference(topic: text ?? "efficacy", format: text ?? "pdf", views: 4, engaged: 2, affinity: 0.6)
        ]
        page.hours = [[HeatCell?]](repeating: [HeatCell?](repeating: nil, count: 24), count: 7)
        page.hours[1][14] = HeatCell(sends: 5, responses: 3, score: 0.5)
        page.badges = [ConsentBadge(channel: .email, state: .open, reason: text ?? "opt-in")]
        page.consents = [
            ConsentRow(
                channel: .email, purpose: .promotional, product: text, status: .optIn, basis: .consent, capturedAt: asOf
            )
        ]
        page.sources = [
            FieldSource(field: text ?? "email", source: text ?? "crm", sourceID: text ?? "A1", knownAt: asOf)
        ]
        page.affiliations = [Affiliation(site: text ?? "Klinik Nord", role: text ?? "attending", buyingRole: text)]
        page.whyNot.wasAsked = true
        page.whyNot.channels = [.email]
        page.whyNot.contents = [ContentLabel(contentID: text ?? "C1", title: text ?? "Efficacy")]
        page.whyNot.chosen = .init(title: text ?? "Visit, Efficacy", value: 40)
        page.whyNot.answers = [
            .init(channel: .email, title: text ?? "Efficacy", refusal: .capReached, effect: effect(text)),
            .init(channel: .phone, title: text ?? "Dosing", value: 12, price: 3, effect: effect(text)),
        ]
        return page
    }

    static func owner(_ text: String? = nil) -> OwnerPage {
        var page = OwnerPage()
        page.stamp = PlanStamp(runID: text ?? "run-1", asOf: asOf)
        page.totals.hcps = 2000
        page.totals.reachable = 1640
        page.totals.touches = 900
        page.totals.value = 41_000
        page.totals.gap = 0.0021
        page.reach = [
            .init(
                channel: .email, hcps: 2000, eligible: 800, planned: 300,
                refusals: [.init(refusal: .noConsent, hcps: 1100), .init(refusal: .capReached, hcps: 100)])
        ]
        page.planned.days = [asOf + 5, asOf + 6]
        page.planned.channels = [.email]
        page.planned.counts = [[120, 80]]
        page.prices = [
            .init(unit: .repMinute, name: text ?? "Ruth Berger", day: asOf + 5, price: 0.5, used: 400, capacity: 420),
            .init(unit: .limit, name: text ?? "webinar", price: 4.2, used: 200, capacity: 200),
        ]
        page.conflicts = [
            .init(
                kind: text ?? "too_close", cases: 12, hcps: 9,
                examples: [.init(hcp: label(text), day: asOf + -3, detail: text ?? "6 hours apart")])
        ]
        page.activity = [
            .init(
                channel: .email, direction: .push, months: [asOf], touches: [40], reached: 20, engaged: 8, advanced: 1)
        ]
        page.arms = [
            .init(arm: .engine, hcps: 1900, touches: 860, outcome: 4.1),
            .init(arm: .random, hcps: 40, touches: 20, outcome: 3.6, lift: .init(value: 0.5, low: 0.1, high: 0.9)),
        ]
        page.sources = [
            SourceRow(
                source: text ?? "crm", table: text ?? "interaction", owner: text ?? "CRM team",
                grain: text ?? "one contact",
                freshest: asOf, rows: 120_000, rejected: 3, orphans: 5)
        ]
        var strategy = SnapshotFixture.strategy
        if let text {
            strategy.objectives[0].product = text
            strategy.caps[0].name = text
        }
        var form = WhatIfForm(strategy: strategy)
        form.problems = [text ?? "A number is needed."]
        form.result = WhatIfResult(
            before: WhatIfPlan(touches: [.email: 200], value: 41_000, cost: 10, hcps: 150, refusals: [.capReached: 3]),
            after: WhatIfPlan(touches: [.email: 260], value: 43_000, cost: 13, hcps: 170), seconds: 0.4)
        page.whatIf = form
        return page
    }

    static func search(_ text: String? = nil) -> SearchPage {
        var page = SearchPage()
        page.text = text ?? "keller"
        page.hits = [.init(hcp: label(text), npi: text ?? "1234567893")]
        page.paging = Paging(page: 2, size: 50, total: 120)
        page.isBound = true
        return page
    }

    static func catalogue(_ text: String? = nil) -> CataloguePage {
        var page = CataloguePage()
        page.sources = owner(text).sources
        page.tables = [.init(name: text ?? "hcp", columns: [.init(column: text ?? "npi", filled: 0.33)])]
        page.rejects = [
            .init(file: text ?? "a.csv", column: text ?? "day", message: text ?? "not a date", rows: 3, firstLine: 17)
        ]
        page.calibration = [
            .init(channel: .email, step: text ?? "engaged", n: 100, logLoss: 0.4, baseLogLoss: 0.5, auc: 0.7, ece: 0.02)
        ]
        page.forecasts = [
            .init(
                month: asOf, product: text ?? "P1", measure: text ?? "prescriptions", hcps: 500, predicted: 810,
                observed: 790, deviance: 1.2, baseDeviance: 1.4, topDecileLift: 3.1)
        ]
        return page
    }

    static func signIn(_ text: String? = nil) -> SignInPage {
        var page = SignInPage(next: text ?? "/today")
        page.csrf = "token"
        page.login = text
        page.failure = text ?? "Login or password is wrong."
        return page
    }

    /// Every page, by template.
    static func all(_ text: String? = nil) -> [(template: String, view: View)] {
        [
            ("today", today(text).view), ("hcp", hcp(text).view), ("owner", owner(text).view),
            ("search", search(text).view), ("catalogue", catalogue(text).view), ("sign-in", signIn(text).view),
        ]
    }

    /// The same pages with nothing in them.
    static var empty: [(template: String, view: View)] {
        [
            ("today", TodayPage(rep: .init(repID: "R1", name: "Ruth")).view),
            ("hcp", HCPPage(hcp: HCPRecord(hcpNo: 0, label: HCPLabel(hcpID: "H1", name: "Anna")), asOf: asOf).view),
            ("owner", OwnerPage().view), ("search", SearchPage().view), ("catalogue", CataloguePage().view),
            ("sign-in", SignInPage().view), ("what-if-page", View()),
        ]
    }
}
