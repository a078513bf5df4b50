import EngagementModel
import Ledger
import Warehouse

/// The one timeline of an HCP: contacts of the snapshot, and what was asked and reported since, from the ledger.
///
/// The purpose firewall holds in both: medical contacts are left out by the query for who may not see them, medical
/// inquiries by the person's sight.
struct HCPTimelineReads: Sendable {
    /// Inquiries and cases of one HCP that a page looks at.
    private static let limit = 500

    let context: ServerContext
    let snapshot: Snapshot
    let identity: Identity

    /// Latest first: the page that was asked for, and how many inquiries and cases are open.
    func timeline(_ hcpID: String, _ no: SQLValue, _ filter: TimelineFilter) async throws
        -> ([TimelineEntry], Paging, Int)
    {
        async let foundContacts = contacts(no)
        let requests = try await requests(hcpID)
        // With the next load an inquiry of the inbox is a contact of the warehouse too: it is shown as what it is.
        struct Moment: Hashable {
            var at: Int64
            var channel: Channel
        }
        let known = Set(
            requests.filter { $0.request?.kind == .inquiry }.map { Moment(at: $0.at, channel: $0.channel) })
        let contacts = try await foundContacts.filter {
            $0.kind != "question" || !known.contains(Moment(at: $0.at, channel: $0.channel))
        }
        let all = Self.merge(contacts, requests).filter(filter.admits)
        let paging = Paging(page: filter.page, size: TimelineFilter.pageSize, total: all.count)
        return (Array(all[paging.range]), paging, requests.count { $0.request?.isOpen == true })
    }

    /// Two lists, each latest first, as one.
    private static func merge(_ a: [TimelineEntry], _ b: [TimelineEntry]) -> [TimelineEntry] {
        var result: [TimelineEntry] = []
        result.reserveCapacity(a.count + b.count)
        var rest = b[...]
        for entry in a {
            while let next = rest.first, next.at >= entry.at { result.append(rest.removeFirst()) }
            result.append(entry)
        }
        return result + rest
    }

    private func requests(_ hcpID: String) async throws -> [TimelineEntry] {
        guard Operation.inbox.allows(identity.role) else { return [] }
        let sight = try await InboxReads.sight(identity, snapshot)
        var filter = InquiryFilter()
        (filter.hcpID, filter.stage, filter.limit) = (hcpID, .all, Self.limit)
        let now = context.now()
        let inquiries = try await context.ledger.inquiries(filter, seenBy: sight).rows
        let cases = try await context.ledger.serviceCases(
            open: false, hcpID: hcpID, seenBy: sight, limit: Self.limit
        ).rows
        let files = try await context.ledger.files(ofInquiries: inquiries.map(\.number), seenBy: sight)
        return
            (inquiries.map { TimelineEntry(inquiry: $0, files: files[$0.number] ?? [], now: now) }
            + cases.map { TimelineEntry(serviceCase: $0, now: now) })
            .sorted { $0.at > $1.at }
    }

    private func contacts(_ no: SQLValue) async throws -> [TimelineEntry] {
        guard let table = try await snapshot.rows("hcp-timeline", [no, .bool(identity.role.seesMedicalContacts)])
        else { return [] }
        let (channels, directions) = (try table.texts("channel"), try table.texts("direction"))
        let (times, kinds) = (try table.int64s("at"), try table.strings("kind"))
        let (contents, reps) = (try table.strings("content_id"), try table.strings("rep_id"))
        let (statuses, levels) = (try table.strings("status"), try table.int64s("level"))
        let (machine, medical) = (try table.bools("machine"), try table.bools("medical"))
        return channels.indices.compactMap { row -> TimelineEntry? in
            guard let channel = Channel(rawValue: channels[row]) else { return nil }
            return TimelineEntry(
                at: times[row], channel: channel, direction: Direction(rawValue: directions[row]) ?? .push,
                kind: kinds[row] ?? "touch", title: contents[row].map { snapshot.facts.contents[$0]?.title ?? $0 },
                rep: reps[row].map { snapshot.facts.reps[$0]?.name ?? $0 }, status: statuses[row],
                level: ResponseLevel(code: UInt8(clamping: levels[row])) ?? .none, machine: machine[row],
                medical: medical[row])
        }
    }
}
