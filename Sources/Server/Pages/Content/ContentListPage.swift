import Content
import EngagementModel

/// Every content with its state, its end, and where it is used.
struct ContentListPage: Sendable {
    struct Item: Sendable, Hashable {
        var contentID: String
        var title: String
        var language: String?
        var product: String?
        var purpose: Purpose
        var channels: Set<Channel>
        var standing: PartStanding
        /// Written in the library; else a plain text of the sources.
        var isAuthored: Bool
        var planned = 0
        var plannedHCPs = 0
        var journeys: [String] = []

        var path: String {
            "/content/" + FormFields.encode(contentID)
                + FormFields(isAuthored ? [("language", language ?? "")] : []).query
        }
    }

    struct Filter: Sendable, Hashable {
        var state: MLRState?
        var product: String?
        var channel: Channel?
        var soon = false

        init(_ query: FormFields) {
            state = query["state"].flatMap(MLRState.init(rawValue:))
            product = query["product"].map { String($0.prefix(100)) }
            channel = query["channel"].flatMap(Channel.init(rawValue:))
            soon = query["soon"] != nil
        }

        func admits(_ item: Item, on day: Day) -> Bool {
            (state == nil || item.standing.state == state) && (product == nil || item.product == product)
                && (channel == nil || item.channels.contains { $0 == channel })
                && (!soon || ContentListPage.endsSoon(item.standing, on: day))
        }
    }

    var items: [Item] = []
    var filter: Filter
    var today: Day
    var brands: [String: String] = [:]
    var mistakes: [Diagnostic] = []

    /// Days before its end from which a content is shown as ending.
    static let warning = 30

    static func endsSoon(_ standing: PartStanding, on day: Day) -> Bool {
        guard standing.state.isSendable, let end = standing.expiresOn else { return false }
        return end - day <= warning && end >= day
    }

    /// The state as of a day: what is past its end has expired, whether or not someone has marked it.
    static func shown(_ standing: PartStanding, on day: Day) -> MLRState {
        guard let end = standing.expiresOn, end < day else { return standing.state }
        return standing.state.isSendable || standing.state == .approvedForProduction ? .expired : standing.state
    }

    var view: View {
        .with { view in
            let shown = items.filter { filter.admits($0, on: today) }
            view.set("total", Format.plural(shown.count, "content"))
            view.set(
                "statesMarkup",
                Options.markup(MLRState.allCases.map { .init($0.rawValue, $0.title) }, chosen: filter.state?.rawValue))
            let products = Set(items.compactMap(\.product)).sorted()
            view.set(
                "productsMarkup", Options.markup(products.map { .init($0, brands[$0] ?? $0) }, chosen: filter.product))
            let channels = Channel.allCases.filter { channel in items.contains { $0.channels.contains(channel) } }
            view.set(
                "channelsMarkup",
                Options.markup(channels.map { .init($0.rawValue, $0.title) }, chosen: filter.channel?.rawValue))
            view.set("soon", filter.soon)
            view.set("isFiltered", filter.state != nil || filter.product != nil || filter.channel != nil || filter.soon)
            view.set("mistakes", mistakes.prefix(20).map { Self.mistake($0) })
            view.set(
                "tiles",
                MLRState.allCases.compactMap { state in
                    let count = items.count { $0.standing.state == state }
                    guard count > 0 else { return nil }
                    return .with {
                        $0.set("tileTitle", state.title)
                        $0.set("tileCount", Format.count(count))
                        $0.set("tilePath", "/content?state=\(state.rawValue)")
                    }
                })
            let ending = items.count { Self.endsSoon($0.standing, on: today) }
            view.set("ending", ending > 0 ? Format.plural(ending, "content") : nil)
            view.set("items", shown.map { row($0) })
        }
    }

    private func row(_ item: Item) -> View {
        .with {
            $0.set("itemTitle", item.title)
            $0.set("itemID", item.contentID)
            $0.set("itemPath", item.path)
            $0.set("itemLanguage", item.language ?? "–")
            $0.set("itemProduct", item.product.map { brands[$0] ?? $0 } ?? "–")
            $0.set("itemPurpose", Format.label(item.purpose.rawValue))
            $0.set("itemChannels", Channel.allCases.filter(item.channels.contains).map(\.title).joined(separator: ", "))
            let state = item.standing.state
            $0.set("itemState", state.title)
            $0.set("itemStyle", state.style)
            $0.set("itemEnds", item.standing.expiresOn.map { "\(Format.day($0))" } ?? "–")
            $0.set("endsSoon", Self.endsSoon(item.standing, on: today))
            $0.set("itemAgo", item.standing.expiresOn.map { Format.ago($0, from: today) })
            var uses: [String] = []
            if item.planned > 0 {
                uses.append(
                    "\(Format.plural(item.planned, "planned touch", "planned touches")) to \(Format.plural(item.plannedHCPs, "HCP"))"
                )
            }
            if !item.journeys.isEmpty { uses.append(Format.plural(item.journeys.count, "journey")) }
            $0.set("itemUses", uses.isEmpty ? "–" : uses.joined(separator: ", "))
            $0.set("itemOrigin", item.isAuthored ? nil : "from the sources")
        }
    }

    static func mistake(_ diagnostic: Diagnostic) -> View {
        .with {
            let place = [diagnostic.file, diagnostic.line.map(String.init), diagnostic.column.map(String.init)]
            $0.set("mistakePlace", place.compactMap { $0 }.joined(separator: ":"))
            $0.set("mistakeText", diagnostic.message)
            $0.set("mistakeRemedy", diagnostic.remedy)
            $0.set("isWarning", diagnostic.severity != .error)
        }
    }
}

extension MLRState {
    /// The name that pages show.
    var title: String {
        switch self {
        case .draft: "Draft"
        case .inReview: "In review"
        case .approvedForProduction: "Approved for production"
        case .approvedForDistribution: "Approved for distribution"
        case .expired: "Expired"
        case .superseded: "Superseded"
        case .withdrawn: "Withdrawn"
        }
    }

    /// Of the badge: open, waiting, closed.
    var style: String {
        switch self {
        case .approvedForDistribution: "open"
        case .draft, .inReview, .approvedForProduction: "missing"
        case .expired, .superseded, .withdrawn: "closed"
        }
    }
}
