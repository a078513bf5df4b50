package import ArgumentParser
internal import EngagementModel
internal import Insight

/// `rapport analyze network`: who is central, who belongs together, who moves whom.
package struct NetworkMethod: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "network",
        abstract: "Finds central people, communities, and whether ties move adoption.",
        discussion: """
            One row a tie: the first asks, refers to or shares patients with the second. Duplicates are summed. With \
            --nodes, --adopted and --contact it says whether adoption by those whom someone asks makes adoption \
            likelier once marketing contact is held constant (discrete-time hazard with one level per period).
            """)

    @Argument(help: "CSV or Parquet, one row a tie.", completion: .file())
    var edges: String

    @Option(help: "Column of who asks.")
    var from: String

    @Option(help: "Column of who is asked.")
    var to: String

    @Option(help: "Column of the tie's strength, from 0.")
    var weight: String?

    @Flag(help: "Ties have no direction.")
    var undirected = false

    @Option(help: "File of nodes, one row each.", completion: .file())
    var nodes: String?

    @Option(help: "Column of --nodes with the identifier.")
    var id = "id"

    @Option(help: "Column of --nodes with the period of adoption, from 1; empty = not adopted.")
    var adopted: String?

    @Option(help: "Last observed period; later adoptions count as none.")
    var periods: Int?

    @Option(parsing: .upToNextOption, help: "Columns of --nodes with contact by marketing: the controls.")
    var contact: [String] = []

    @Option(parsing: .upToNextOption, help: "Columns of --nodes that also bear on adoption.")
    var attributes: [String] = []

    @Option(help: "Resolution of the communities; above 1 makes them smaller.")
    var resolution = 1.0

    @OptionGroup var options: AnalysisOptions

    package init() {}

    package func validate() throws {
        guard resolution > 0, resolution.isFinite else { throw ValidationError("--resolution is above 0") }
        if let periods, !(2...1000).contains(periods) { throw ValidationError("--periods lies in 2…1000") }
        guard nodes != nil || (adopted == nil && contact.isEmpty && attributes.isEmpty) else {
            throw ValidationError("--adopted, --contact and --attributes are columns of --nodes")
        }
        guard adopted != nil || (contact.isEmpty && attributes.isEmpty) else {
            throw ValidationError("--contact and --attributes explain --adopted")
        }
    }

    package func run() async throws {
        let ties = try await AnalysisTable.read(edges)
        let nodeTable: AnalysisTable? =
            if let nodes { try await AnalysisTable.read(nodes) } else { nil }
        let input = try NetworkInput(ties, from: from, to: to, weight: weight, nodes: nodeTable, id: id)
        guard input.graph.arcCount > 0 else {
            throw NetworkInput.diagnostic(NetworkRefusal(.empty), ties)
        }
        let back = input.graph.reversed()
        let both = input.graph.undirected(reversed: back)
        let graph = undirected ? both : input.graph
        let rank = PageRank.values(graph, incoming: undirected ? both : back)
        let found = Leiden.suited(to: both, resolution: resolution).communities(of: both, seed: options.seed)
        var document = AnalysisDocument(method: "network", table: ties, seed: options.seed)
        document.set("nodes", .integer(graph.nodeCount))
        document.set("edges", .integer(undirected ? both.arcCount / 2 : graph.arcCount))
        document.set("communities", .integer(found.count))
        document.set("modularity", .number(found.modularity))
        let model = try explain(graph, input, nodeTable, &document)
        warn(input.repairs, &document)
        if let weight, let warning = AnalysisTable.doubt(aboutSizes: weight, try ties.doubles(weight)) {
            document.warn(warning)
        }
        guard options.out != nil else { return try await report(document, table: nil, options) }
        let between = Betweenness.values(graph, seed: options.seed)
        document.set(
            "betweenness",
            .object([("exact", .flag(between.exact)), ("pivots", .integer(between.pivots))]))
        if !between.exact {
            document.warn("betweenness is estimated from \(between.pivots) of \(graph.nodeCount) nodes")
        }
        let influence =
            model.map { Influence.addedAdoptions(graph, $0) } ?? Influence.exposureGiven(graph)
        document.set("influence", .text(model == nil ? "exposure_given" : "added_adoptions_per_period"))
        var rows = AnalysisColumns()
        rows.add("id", input.ids)
        rows.add(
            "degree", (0..<graph.nodeCount).map { graph.degree($0) + (undirected ? 0 : back.degree($0)) })
        rows.add("pagerank", rank.values)
        rows.add("betweenness", between.values)
        rows.add("community", found.communities.map { Int($0) })
        rows.add("influence", influence)
        try await report(document, table: rows, options)
    }

    /// The exposure model, with and without the control.
    private func explain(
        _ graph: NetworkGraph, _ input: NetworkInput, _ nodeTable: AnalysisTable?,
        _ document: inout AnalysisDocument
    ) throws -> ExposureModel? {
        guard let nodeTable, let adopted else {
            document.set("exposure", .missing)
            return nil
        }
        let history = try input.history(
            nodeTable, id: id, adopted: adopted, periods: periods, contact: contact, attributes: attributes)
        let model: ExposureModel
        do { model = try ExposureModel.fit(graph, history) } catch {
            throw NetworkInput.diagnostic(error, nodeTable)
        }
        document.set("exposure", described(model.exposure))
        document.set("contact", .list(model.contact.map { described($0, named: true) }))
        document.set("attributes", .list(model.attributes.map { described($0, named: true) }))
        if contact.isEmpty {
            document.warn("no --contact: exposure may take credit for marketing that reached both ends of a tie")
        } else if let bare = try? ExposureModel.fit(graph, history, contact: false) {
            document.set("exposure_without_contact", described(bare.exposure))
        }
        document.set("log_likelihood", .number(model.logLikelihood))
        document.set("at_risk", .integer(model.rows))
        document.set("adoptions", .integer(model.adoptions))
        if model.incomplete > 0 {
            document.warn("\(model.incomplete) nodes without a value in every column count as peers only")
        }
        return model
    }

    private func described(_ coefficient: ExposureModel.Coefficient, named: Bool = false) -> AnalysisValue {
        .object(
            (named ? [("name", .text(coefficient.name))] : []) + [
                ("coefficient", .number(coefficient.value)), ("low", .number(coefficient.low)),
                ("high", .number(coefficient.high)), ("p", .number(coefficient.p)),
                ("standard_error", .number(coefficient.standardError)),
            ])
    }

    private func warn(_ repairs: NetworkGraph.Repairs, _ document: inout AnalysisDocument) {
        if repairs.selfTies > 0 { document.warn("\(repairs.selfTies) ties of a node to itself were left out") }
        if repairs.zeroTies > 0 { document.warn("\(repairs.zeroTies) ties of weight 0 were left out") }
        if repairs.duplicates > 0 {
            document.warn("\(repairs.duplicates) ties repeat an earlier one: their weights were summed")
        }
    }
}
