import Decisioning
import EngagementModel
import Foundation
import Testing

/// Trees through LightGBM's C interface are those of Python's lightgbm on the same rows.
@Suite struct TreeModelTests {
    private struct Golden: Decodable {
        var version: String
        var yes: Int
        var trees: Int
        var probabilities: [Double]
        var contributions: [[Double]]
    }

    static func library() throws -> TreeLibrary {
        let environment = ProcessInfo.processInfo.environment
        let home = FileManager.default.homeDirectoryForCurrentUser.path
        return try TreeLibrary.load(
            nativeDirectory: environment["RAPPORT_NATIVE"] ?? (environment["XDG_DATA_HOME"] ?? home + "/.local/share")
                + "/rapport/native")
    }

    /// The data of script/peers/trees.py, number for number.
    private static func data() -> (TreeRows, [Bool]) {
        var state: UInt64 = 7
        func uniform() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) * 0x1.0p-53
        }
        var rows = TreeRows(columns: 6)
        var answers: [Bool] = []
        for _ in 0..<2000 {
            var row = (0..<4).map { _ in Float(uniform()) }
            row.append(Float((uniform() * 8).rounded(.down)))
            let value = uniform()
            row.append(value < 0.1 ? .nan : Float(value))
            let logit =
                2 * (Double(row[0]) - 0.5) + (row[4] == 3 ? 1.5 : 0) - Double(row[1]) * Double(row[2])
            answers.append(uniform() < 1 / (1 + exp(-logit)))
            rows.values += row
        }
        return (rows, answers)
    }

    private static var options: TreeOptions {
        var options = TreeOptions()
        options.rounds = 40
        options.leaves = 15
        options.learningRate = 0.1
        return options
    }

    @Test func treesAndShapleyValuesAreThoseOfThePythonPackage() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "trees.json")
        let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
        let (rows, answers) = Self.data()
        #expect(answers.count { $0 } == golden.yes)
        let model = try TreeModel.learn(
            rows, answers: answers, categories: [4], options: Self.options, library: Self.library())
        let found = try model.probabilities(rows)
        for (row, expected) in golden.probabilities.enumerated() {
            #expect(abs(found[row] - expected) < 1e-12, "row \(row): \(found[row]) against \(expected)")
        }
        let parts = try model.contributions(rows)
        for (row, expected) in golden.contributions.enumerated() {
            for (column, value) in expected.enumerated() {
                #expect(abs(parts[row * 7 + column] - value) < 1e-9, "row \(row), column \(column)")
            }
            // Additive: the contributions add up to the logit.
            let logit = parts[(row * 7)..<(row * 7 + 7)].reduce(0, +)
            #expect(abs(1 / (1 + exp(-logit)) - found[row]) < 1e-9)
        }
    }

    @Test func aWrittenModelPredictsTheSameBits() throws {
        let (rows, answers) = Self.data()
        let library = try Self.library()
        let model = try TreeModel.learn(
            rows, answers: answers, categories: [4], options: Self.options, library: library)
        let again = try TreeModel(text: try model.text(), columns: 6, library: library)
        #expect(try again.probabilities(rows) == model.probabilities(rows))
        let twin = try TreeModel.learn(
            rows, answers: answers, categories: [4], options: Self.options, library: library)
        #expect(try twin.text() == model.text())
    }

    @Test func whatCannotBeDoneIsSaid() throws {
        let library = try Self.library()
        #expect { try TreeModel(text: "no model", columns: 6, library: library) } throws: { error in
            (error as? Diagnostic)?.code == "trees_failed"
        }
        let (rows, answers) = Self.data()
        let model = try TreeModel.learn(rows, answers: answers, options: Self.options, library: library)
        #expect { try model.probabilities(TreeRows(columns: 5)) } throws: { error in
            (error as? Diagnostic)?.code == "trees_failed"
        }
        #expect { try TreeLibrary.load(nativeDirectory: "/nowhere", name: "lib_no_trees") } throws: { error in
            let found = error as? Diagnostic
            return found?.code == "library_missing" && found?.remedy?.contains("script/setup") == true
        }
    }
}
