import EngagementModel
import Warehouse

/// Finds HCPs within what a person may see.
struct SearchReads: Sendable {
    let snapshot: Snapshot
    let identity: Identity

    func page(text: String?, page number: Int) async throws -> SearchPage {
        var page = SearchPage()
        page.text = text
        let scope = Scope(identity, facts: snapshot.facts)
        if case .reps = scope { page.isBound = true }
        var asked = max(1, number)
        for _ in 0..<2 {
            guard let table = try await rows(scope, text: text?.lowercased() ?? "", page: asked) else { return page }
            if table.rowCount == 0 && asked > 1 {
                // Beyond the end: the first page tells how many there are.
                asked = 1
                continue
            }
            page.hits = try Self.hits(table)
            let total = try table.int64s("total").first ?? 0
            page.paging = Paging(page: asked, size: SearchPage.pageSize, total: Int(total))
            return page
        }
        return page
    }

    private func rows(_ scope: Scope, text: String, page: Int) async throws -> ArrowTable? {
        let cut: [SQLValue] = [
            .text(text), .text(text), .int(Int64(SearchPage.pageSize)), .int(Int64((page - 1) * SearchPage.pageSize)),
        ]
        switch scope {
        case .everybody: return try await snapshot.rows("search-all", cut)
        case .reps(let own):
            let list = SQLValue.text(own.sorted().joined(separator: "\u{1f}"))
            return try await snapshot.rows("search-own", [list] + cut)
        }
    }

    private static func hits(_ table: ArrowTable) throws -> [SearchPage.Hit] {
        let (ids, npis) = (try table.texts("hcp_id"), try table.strings("npi"))
        let (firsts, lasts) = (try table.strings("first_name"), try table.strings("last_name"))
        let (credentials, specialties) = (try table.strings("credential"), try table.strings("specialty"))
        let (sites, cities) = (try table.strings("hco_name"), try table.strings("city"))
        return ids.indices.map { row in
            let name = HCPLabel.name(first: firsts[row], last: lasts[row], credential: credentials[row])
            return SearchPage.Hit(
                hcp: HCPLabel(
                    hcpID: ids[row], name: name, specialty: specialties[row], site: sites[row], city: cities[row]),
                npi: npis[row])
        }
    }
}
