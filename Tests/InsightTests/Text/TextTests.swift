import EngagementModel
import Foundation
import Statistics
import Testing

@testable import Insight

/// Inquiries made from patterns: each kind has frames of its own, filled with invented product names.
enum InquiryFixture {
    static let frames: [(String, [String])] = [
        ("dose", ["what is the usual dose of *", "how many mg of * per day", "can i double the * dose for adults"]),
        ("interaction", ["can * be given with @", "does * interact with @", "is it safe to mix * and @"]),
        ("storage", ["how should * be stored", "does * need a fridge", "how long does an open vial of * keep"]),
        ("supply", ["when is * back in stock", "can you send samples of *", "where can we order *"]),
    ]

    static func texts(_ count: Int, seed: UInt64) -> (texts: [String], classes: [Int32]) {
        var generator = SeededGenerator(seed: seed)
        func name() -> String {
            let parts = ["zor", "val", "tin", "mex", "ila", "pro", "dax", "ume", "rol", "fen"]
            return (0..<3).map { _ in parts[generator.below(parts.count)] }.joined()
        }
        var texts: [String] = []
        var classes: [Int32] = []
        for _ in 0..<count {
            let kind = generator.below(frames.count)
            let frame = frames[kind].1[generator.below(3)]
            texts.append(frame.replacing("*", with: name()).replacing("@", with: name()))
            classes.append(Int32(kind))
        }
        return (texts, classes)
    }
}

struct TextTests {
    private let labels = InquiryFixture.frames.map(\.0)

    @Test func kindsAreLearnedAcrossUnseenNames() throws {
        let (texts, classes) = InquiryFixture.texts(160, seed: 1)
        let (fresh, truth) = InquiryFixture.texts(100, seed: 2)
        let model = try TextClassifier(texts: texts, classes: classes, labels: labels, seed: 1)
        let answers = model.classify(fresh)
        let right = zip(answers, truth).count { $0.label == Int($1) }
        #expect(right >= 98)
        #expect(answers.allSatisfy { $0.probability > 0.25 && $0.probability <= 1 })
        let p = model.probabilities(fresh)
        for row in fresh.indices {
            #expect(abs(p[(row * 4)..<(row * 4 + 4)].reduce(0, +) - 1) < 1e-9)
        }
        let again = try TextClassifier(texts: texts, classes: classes, labels: labels, seed: 1)
        #expect(again.probabilities(fresh) == p)
    }

    @Test func probabilitiesAreAsSureAsTheyAreRight() throws {
        // A third of the labels is drawn at random: no model can be surer than that.
        var (texts, classes) = InquiryFixture.texts(500, seed: 3)
        var generator = SeededGenerator(seed: 4)
        for i in classes.indices where generator.chance(1.0 / 3) { classes[i] = Int32(generator.below(4)) }
        let model = try TextClassifier(
            texts: Array(texts[0..<350]), classes: Array(classes[0..<350]), labels: labels, seed: 1)
        texts = Array(texts[350...])
        let truth = classes[350...].map { Int($0) }
        let answers = model.classify(texts)
        let score = ClassificationScore(
            truth: truth, predicted: answers.map(\.label), probability: answers.map(\.probability), names: labels)
        let sure = answers.reduce(0) { $0 + $1.probability } / Double(answers.count)
        #expect(abs(sure - score.accuracy) < 0.08)
        #expect(score.accuracy > 0.65)
    }

    @Test func textsWithoutKnownTermsTakeTheShares() throws {
        let texts = ["alpha beta", "alpha gamma", "alpha delta", "omega psi", "omega chi", "alpha eta"]
        let model = try TextClassifier(texts: texts, classes: [0, 0, 0, 1, 1, 0], labels: ["a", "o"], seed: 1)
        let answer = model.classify(["", "???", "zzz"])
        #expect(answer.allSatisfy { $0.label == 0 && $0.probability < 0.99 })
    }

    @Test func weightsAreScikitLearns() {
        // TfidfVectorizer(sublinear_tf=True).fit_transform(["a b b", "a c"]) with single letters as words.
        let rows = TextFeatures(["a b b", "a c"], kinds: [.words]).rows(["a b b"])
        let (idfA, idfB) = (log(3.0 / 3) + 1, log(3.0 / 2) + 1)
        let (a, b) = (idfA, (1 + log(2.0)) * idfB)
        let length = (a * a + b * b).squareRoot()
        #expect(rows.values.count == 2)
        #expect(abs(rows.values[0] - a / length) < 1e-12)
        #expect(abs(rows.values[1] - b / length) < 1e-12)
    }

    @Test func wordsAreSplitAsPeopleWriteThem() {
        let words = TextTokens.words("Doesn't Müller’s 20mg pen-needle leak?")
            .map { String(decoding: $0, as: UTF8.self) }
        #expect(words == ["doesnt", "müllers", "20mg", "pen", "needle", "leak"])
    }

    @Test func inputThatTeachesNothingIsRefused() {
        func code(_ texts: [String], _ classes: [Int32]) -> String? {
            do {
                _ = try TextClassifier(texts: texts, classes: classes, labels: ["a", "b"], seed: 1)
                return nil
            } catch { return (error as? Diagnostic)?.code }
        }
        #expect(code([], []) == "one_class")
        #expect(code(["x"], [0]) == "one_class")
        #expect(code(["x", "y"], [0, 0]) == "one_class")
        #expect(code(["", "  ?"], [0, 1]) == "empty_texts")
        #expect(code(["same", "same"], [0, 1]) == nil)
    }

    @Test func foldsKeepTheShares() {
        let classes = (0..<100).map { Int32($0 < 80 ? 0 : 1) }
        let folds = StratifiedFolds.assign(classes, folds: 5, seed: 1)
        for fold in 0..<5 {
            #expect(classes.indices.count { folds[$0] == fold && classes[$0] == 0 } == 16)
            #expect(classes.indices.count { folds[$0] == fold && classes[$0] == 1 } == 4)
        }
    }

    /// Values of scikit-learn's f1_score(average="macro") and accuracy_score.
    @Test func scoresAreScikitLearns() {
        let score = ClassificationScore(
            truth: [0, 0, 1, 1, 2], predicted: [0, 1, 1, 1, 0], probability: [1, 1, 1, 1, 1],
            names: ["a", "b", "c", "d"])
        #expect(abs(score.accuracy - 0.6) < 1e-15)
        #expect(abs(score.macroF1 - (0.5 + 0.8 + 0) / 3) < 1e-15)
        #expect(abs(score.calibrationError - 0.4) < 1e-12)
    }
}
