/// Finding an HCP by name, place, specialty or identifier.
package struct SearchPage: Sendable {
    package struct Hit: Sendable, Hashable {
        package var hcp: HCPLabel
        package var npi: String?
        package init(hcp: HCPLabel, npi: String? = nil) {
            self.hcp = hcp
            self.npi = npi
        }
    }

    package var text: String?
    package var hits: [Hit] = []
    package var paging = Paging(page: 1, size: SearchPage.pageSize, total: 0)
    /// Said when the person sees only a part of the HCPs.
    package var isBound = false

    package static let pageSize = 50

    package init() {}

    package var view: View {
        .with { view in
            view.set("searchText", text)
            view.set("isBound", isBound)
            view.set("total", Format.plural(paging.total, "HCP"))
            view.set(
                "hits",
                hits.map { hit in
                    .with {
                        $0.set("hcpName", hit.hcp.name)
                        $0.set("hcpPath", hit.hcp.path)
                        $0.set("hcpSpecialty", hit.hcp.specialty.map(Format.label))
                        $0.set("hcpSite", hit.hcp.site)
                        $0.set("hcpCity", hit.hcp.city)
                        $0.set("hcpNPI", hit.npi)
                    }
                })
            let fields = FormFields(text.map { [("q", $0)] } ?? [])
            view.set("paging", paging.view(path: Operation.hcpSearch.path, fields: fields))
        }
    }
}
