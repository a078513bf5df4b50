internal import CNative
package import EngagementModel
import Foundation

/// How many trees, how large, and how much each adds.
package struct TreeOptions: Sendable, Hashable, Codable {
    package var rounds = 200
    package var leaves = 31
    package var learningRate = 0.05
    package var leastInLeaf = 20
    package var seed: UInt64 = 42
    package init() {}

    /// As LightGBM reads them; one thread and fixed histograms, so that the same rows give the same trees.
    func text(columns: Int, categories: [Int]) -> String {
        var text =
            "objective=binary learning_rate=\(learningRate) num_leaves=\(leaves) min_data_in_leaf=\(leastInLeaf)"
            + " deterministic=true force_row_wise=true num_threads=1 seed=\(seed % 2_147_483_647) verbosity=-1"
        if !categories.isEmpty {
            text += " categorical_feature=" + categories.map(String.init).joined(separator: ",")
        }
        return text
    }
}

/// Rows of features, row-major; NaN = missing.
package struct TreeRows: Sendable {
    package var columns: Int
    package var values: [Float] = []
    package var count: Int { columns == 0 ? 0 : values.count / columns }
    package init(columns: Int) { self.columns = columns }
}

/// Gradient-boosted trees of a yes or no, by LightGBM.
// Unchecked: LightGBM allows predictions from several threads on one booster only under its own lock, so calls are
// made under this one.
package final class TreeModel: @unchecked Sendable {
    private let library: TreeLibrary
    private let booster: RapportTreeHandle
    private let lock = NSLock()
    private var walked: TreePaths?
    package let columns: Int

    private init(_ library: TreeLibrary, _ booster: RapportTreeHandle, columns: Int) {
        self.library = library
        self.booster = booster
        self.columns = columns
    }

    deinit { _ = library.boosterFree(booster) }

    /// Learns from rows and their answers.
    ///
    /// - Parameters:
    ///   - weights: of each row; empty = 1.
    ///   - categories: columns whose numbers are names.
    /// - Throws: `trees_failed`, with what LightGBM says.
    package static func learn(
        _ rows: TreeRows, answers: [Bool], weights: [Float] = [], categories: [Int] = [], options: TreeOptions,
        library: TreeLibrary
    ) throws(Diagnostic) -> TreeModel {
        guard rows.count == answers.count, rows.count > 0 else {
            throw Diagnostic("trees_failed", "there are no rows to learn from")
        }
        let parameters = options.text(columns: rows.columns, categories: categories)
        var dataset: RapportTreeHandle?
        try library.check(
            library.datasetCreate(
                rows.values, CInt(RAPPORT_TREE_FLOAT32), Int32(rows.count), Int32(rows.columns), 1,
                parameters, nil, &dataset), "read the rows")
        defer { _ = library.datasetFree(dataset) }
        let labels = answers.map { $0 ? Float(1) : 0 }
        try library.check(
            library.datasetSetField(
                dataset, "label", labels, CInt(labels.count), CInt(RAPPORT_TREE_FLOAT32)), "take the answers")
        if !weights.isEmpty {
            try library.check(
                library.datasetSetField(
                    dataset, "weight", weights, CInt(weights.count), CInt(RAPPORT_TREE_FLOAT32)),
                "take the weights")
        }
        var booster: RapportTreeHandle?
        try library.check(library.boosterCreate(dataset, parameters, &booster), "begin")
        guard let booster else { throw Diagnostic("trees_failed", "LightGBM made no model") }
        let model = TreeModel(library, booster, columns: rows.columns)
        for _ in 0..<options.rounds {
            var isFinished: CInt = 0
            try library.check(library.boosterUpdate(booster, &isFinished), "add a tree")
            // No split helps any more.
            if isFinished != 0 { break }
        }
        return model
    }

    /// Reads a model that `text()` wrote.
    package init(text: String, columns: Int, library: TreeLibrary) throws(Diagnostic) {
        var booster: RapportTreeHandle?
        var rounds: CInt = 0
        try library.check(library.boosterLoad(text, &rounds, &booster), "read the model")
        guard let booster else { throw Diagnostic("trees_failed", "LightGBM read no model") }
        self.library = library
        self.booster = booster
        self.columns = columns
    }

    /// The trees in LightGBM's own text form.
    package func text() throws(Diagnostic) -> String {
        lock.lock()
        defer { lock.unlock() }
        var length: Int64 = 0
        try library.check(library.boosterSave(booster, 0, -1, 0, 0, &length, nil), "measure the model")
        var bytes = [CChar](repeating: 0, count: Int(length) + 1)
        try library.check(
            library.boosterSave(booster, 0, -1, 0, Int64(bytes.count), &length, &bytes), "write the model")
        return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Log odds of each row: the sum of its leaves, in the order of the trees; the same bits for any number of rows.
    package func logits(_ rows: TreeRows) throws(Diagnostic) -> [Double] {
        try predict(rows, RAPPORT_TREE_PREDICT_RAW, width: 1)
    }

    /// P(yes) of each row.
    package func probabilities(_ rows: TreeRows) throws(Diagnostic) -> [Double] {
        try predict(rows, RAPPORT_TREE_PREDICT_NORMAL, width: 1)
    }

    /// Shapley values of the logit: for each row one for each column, then the mean over the training rows; they add up
    /// to the logit. Source: Lundberg, Erion, Lee, "Consistent individualized feature attribution for tree ensembles"
    /// (2018), as LightGBM computes them.
    package func contributions(_ rows: TreeRows) throws(Diagnostic) -> [Double] {
        try predict(rows, RAPPORT_TREE_PREDICT_CONTRIBUTIONS, width: columns + 1)
    }

    /// The trees to walk; read from their text the first time.
    func paths() throws(Diagnostic) -> TreePaths {
        lock.lock()
        if let walked {
            lock.unlock()
            return walked
        }
        lock.unlock()
        let made = try TreePaths(text: try text())
        lock.lock()
        defer { lock.unlock() }
        walked = made
        return made
    }

    private func predict(_ rows: TreeRows, _ kind: Int, width: Int) throws(Diagnostic) -> [Double] {
        guard rows.columns == columns else {
            throw Diagnostic("trees_failed", "the model reads \(columns) columns, not \(rows.columns)")
        }
        guard rows.count > 0 else { return [] }
        lock.lock()
        defer { lock.unlock() }
        var out = [Double](repeating: 0, count: rows.count * width)
        var length: Int64 = 0
        try library.check(
            library.boosterPredict(
                booster, rows.values, CInt(RAPPORT_TREE_FLOAT32), Int32(rows.count), Int32(columns), 1,
                CInt(kind), 0, -1, "num_threads=0 verbosity=-1", &length, &out), "predict")
        guard length == out.count else {
            throw Diagnostic("trees_failed", "LightGBM answered with \(length) numbers for \(out.count)")
        }
        return out
    }
}
