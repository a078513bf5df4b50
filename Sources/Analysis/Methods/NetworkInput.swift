internal import EngagementModel
internal import Foundation
internal import Insight

/// The files of `analyze network`, read and checked: nodes numbered in order of first appearance.
struct NetworkInput {
    let ties: AnalysisTable
    private(set) var ids: [String]
    let graph: NetworkGraph
    let repairs: NetworkGraph.Repairs

    init(_ ties: AnalysisTable, from: String, to: String, weight: String?, nodes: AnalysisTable?, id: String) throws {
        self.ties = ties
        let source = try Self.complete(ties, from)
        let target = try Self.complete(ties, to)
        let weights = try weight.map { Self.comparable(try ties.doubles($0)) }
        var ids = source.values
        var number: [String: Int32] = [:]
        number.reserveCapacity(max(source.values.count, target.values.count))
        for (index, value) in ids.enumerated() { number[value] = Int32(index) }
        let place = { (value: String, ids: inout [String], number: inout [String: Int32]) -> Int32 in
            if let known = number[value] { return known }
            let new = Int32(ids.count)
            ids.append(value)
            number[value] = new
            return new
        }
        let targetNumber = target.values.map { place($0, &ids, &number) }
        if let nodes {
            for value in try Self.complete(nodes, id).values { _ = place(value, &ids, &number) }
        }
        self.ids = ids
        let to = target.codes.map { targetNumber[Int($0)] }
        do {
            (graph, repairs) = try NetworkGraph.directed(
                nodeCount: ids.count, from: source.codes, to: to, weights: weights)
        } catch {
            throw Self.diagnostic(error, ties, column: weight)
        }
    }

    /// Weights that are all tiny in units of the greatest: only their proportions count, and shares of 1e-310 overflow.
    private static func comparable(_ weights: [Double]) -> [Double] {
        let greatest = weights.max() ?? 0
        guard greatest > 0, greatest < 1e-100 else { return weights }
        return weights.map { $0 / greatest }
    }

    private static func complete(_ table: AnalysisTable, _ name: String) throws -> (codes: [Int32], values: [String]) {
        let column = try table.codes(name)
        if let row = column.codes.firstIndex(of: -1) {
            throw table.fault(
                "missing_value", "`\(name)` is empty", row: row, column: name,
                remedy: "fill the cell or leave the row out")
        }
        return column
    }

    /// Who adopted when, from the file of nodes.
    func history(
        _ nodes: AnalysisTable, id: String, adopted: String, periods: Int?, contact: [String], attributes: [String]
    ) throws -> AdoptionHistory {
        let column = try Self.complete(nodes, id)
        if column.values.count < column.codes.count {
            var seen: Set<Int32> = []
            let row = column.codes.firstIndex { !seen.insert($0).inserted } ?? 0
            throw nodes.fault(
                "duplicate_id", "`\(id)` occurs twice", row: row, column: id, remedy: "write one row a node")
        }
        let number = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
        let place = column.codes.map { number[column.values[Int($0)]] ?? 0 }
        let times = try nodes.doubles(adopted, missing: .nan)
        for (row, time) in times.enumerated() where !time.isNaN {
            guard time >= 0 else {
                throw nodes.fault(
                    "negative_time", "`\(adopted)` is negative", row: row, column: adopted,
                    remedy: "number the periods from 1; leave it empty where nobody adopted")
            }
            guard time == time.rounded(), time <= 1000 else {
                throw nodes.fault(
                    "bad_period", "`\(adopted)` is no number of a period from 0 to 1000", row: row, column: adopted,
                    remedy: "number the periods (weeks, months) from 1")
            }
        }
        let last = periods ?? Int(times.filter { !$0.isNaN }.max() ?? 0)
        var history = AdoptionHistory(
            adopted: [Int?](repeating: nil, count: ids.count), periods: last,
            observed: [Bool](repeating: false, count: ids.count), covariates: [])
        for (row, time) in times.enumerated() {
            history.adopted[place[row]] = time.isNaN ? nil : Int(time)
            // Adopted before the first period: a peer, but no longer at risk.
            history.observed[place[row]] = time != 0
        }
        for (name, isContact) in contact.map({ ($0, true) }) + attributes.map({ ($0, false) }) {
            let values = try nodes.doubles(name, missing: .nan)
            var all = [Double](repeating: .nan, count: ids.count)
            for (row, value) in values.enumerated() { all[place[row]] = value }
            history.covariates.append(.init(name: name, values: .constant(all), isContact: isContact))
        }
        return history
    }

    static func diagnostic(_ refusal: NetworkRefusal, _ table: AnalysisTable, column: String? = nil) -> Diagnostic {
        let (code, message, remedy) =
            switch refusal.cause {
            case .unequalColumns:
                ("unequal_columns", "the columns of the ties differ in length", "give columns of one length")
            case .nodeOutOfRange:
                ("node_out_of_range", "a tie names a node that is not there", "name nodes of the file")
            case .weightNotFinite: ("not_finite", "the weight of a tie is not finite", "write a finite one")
            case .weightNegative:
                ("negative_weight", "the weight of a tie is negative", "weights say how strong a tie is, from 0")
            case .empty: ("no_ties", "no tie is left between two different nodes", "give ties of a weight above 0")
            case .noAdoption:
                ("no_adoption", "nobody with complete attributes adopted in the periods", "number the periods from 1")
            case .noVariation(let name):
                (
                    "no_variation", "`\(name)` is the same for all who could adopt: it has no effect to find",
                    "leave it out"
                )
            case .tooFewAdoptions(let count):
                ("too_few_adoptions", "\(count) adoptions are too few for so many columns", "give fewer attributes")
            case .separated(let name):
                (
                    "separated", "`\(name)` tells adopters apart completely: its effect has no finite estimate",
                    "leave it out"
                )
            case .noPeriods: ("no_periods", "adoption needs at least two periods", "number the periods from 1")
            }
        return Diagnostic(
            code, message, file: table.path, line: refusal.tie.map { table.line(ofRow: $0) },
            column: column.flatMap { name in table.names.firstIndex(of: name).map { $0 + 1 } }, remedy: remedy)
    }
}
