import EngagementModel
import Foundation
import TestSupport
import Testing

@testable import Insight

/// The sentence model of script/setup --test against Hugging Face's tokenizer and Flax (script/peers/sentences.py).
@Suite struct SentenceModelTests {
    private struct Reference: Decodable {
        var text: String
        var numbers: [Int32]
        var vector: Data
    }

    /// Where script/setup --test puts the model; without it the tests fail with the command that installs it.
    private static let installed: String = {
        let environment = ProcessInfo.processInfo.environment
        let home = FileManager.default.homeDirectoryForCurrentUser.path
        let native =
            environment["RAPPORT_NATIVE"] ?? (environment["XDG_DATA_HOME"] ?? home + "/.local/share")
            + "/rapport/native"
        return native + "/embedding"
    }()

    @Test func numbersAndVectorsAreTheReferences() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "sentences.json")
        let references = try JSONDecoder().decode([Reference].self, from: Data(contentsOf: file))
        #expect(references.count == 20)
        let model = try SentenceModel.load(Self.installed)
        #expect(model.dimensions == 384 && model.limit == 256)
        for reference in references {
            #expect(model.tokenizer.numbers(reference.text, limit: 256) == reference.numbers, "\(reference.text)")
        }
        let vectors = model.vectors(references.map(\.text))
        for (reference, vector) in zip(references, vectors) {
            let expected = reference.vector.withUnsafeBytes { bytes in
                (0..<(bytes.count / 4)).map {
                    Float(
                        bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
                }
            }
            #expect(expected.count == 384)
            let furthest = zip(expected, vector).reduce(0) { max($0, abs($1.0 - $1.1)) }
            #expect(furthest < 1e-5, "\(reference.text)")
        }
        // Company does not change a vector.
        #expect(model.vectors([references[3].text])[0] == vectors[3])
    }

    @Test func otherWordsOfTheSameMeaningAreUnderstood() throws {
        let model = try SentenceModel.load(Self.installed)
        let texts = (0..<12).flatMap {
            ["what does set \($0) cost", "which dose at weight \($0) kilograms"]
        }
        let classes = texts.indices.map { Int32($0 % 2) }
        let labels = ["price", "dosing"]
        let proof = TrainedText.Proof(texts: 24, foldAccuracy: [1], accuracy: 1, macroF1: 1, calibrationError: 0)
        let plain = try TextClassifier(texts: texts, classes: classes, labels: labels, seed: 3)
        let meanings = TextMeanings(texts, by: model)
        let embedded = try TextClassifier(
            texts: texts, classes: classes, labels: labels, seed: 3, meanings: meanings)
        let trained = TrainedText(plain, proof: proof, embedded: .init(embedded, proof: proof))
        let again = try TrainedText(decoding: trained.encoded())
        #expect(again.version == trained.version && again.version != TrainedText(plain, proof: proof).version)

        // No word of these was in the training.
        let fresh = ["how much money is it", "how many milligrams should someone take"]
        let kept = try #require(again.embedded?.classifier)
        let answers = kept.classify(fresh, TextMeanings(fresh, by: model))
        #expect(answers.map(\.label) == [0, 1])
        let spread = plain.probabilities(fresh)
        #expect(kept.probabilities(fresh, TextMeanings(fresh, by: model))[0] > spread[0] + 0.1)

        let (with, without) = (try InquiryReader(again, sentences: model), try InquiryReader(again))
        #expect(with.readsMeaning && !without.readsMeaning && with.version != without.version)
        #expect(without.version.hasSuffix(again.version))
    }

    @Test func aSmallModelIsReadWholeAndItsTextsCut() throws {
        let folder = try TemporaryFolder()
        try SentenceFixture.write(to: folder.url)
        let model = try SentenceModel.load(folder.url.path)
        #expect(model.dimensions == 8 && model.limit == 6)
        #expect(model.tokenizer.numbers("How doses?", limit: 6) == [2, 8, 4, 5, 7, 3])
        #expect(model.tokenizer.numbers("how doses of dose", limit: 6) == [2, 8, 4, 5, 6, 3])
        #expect(model.tokenizer.numbers("zzz", limit: 6) == [2, 1, 3])
        let vectors = model.vectors(["dose?", "how doses of dose", ""])
        #expect(vectors.allSatisfy { abs($0.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5 })
        #expect(vectors[0] != vectors[1])
    }

    @Test func whatIsNoModelIsRefused() throws {
        func code(_ make: (URL) throws -> Void) throws -> String? {
            let folder = try TemporaryFolder()
            try make(folder.url)
            do {
                _ = try SentenceModel.load(folder.url.path)
                return nil
            } catch { return error.code }
        }
        #expect(try code { _ in } == "embedding_missing")
        #expect(try code { try SentenceFixture.write(to: $0) } == nil)
        #expect(
            try code { try SentenceFixture.write(to: $0) { $0["encoder.layer.0.output.dense.bias"] = nil } }
                == "embedding_unusable")
        #expect(
            try code { try SentenceFixture.write(to: $0) { $0["embeddings.LayerNorm.bias"] = [7] } }
                == "embedding_unusable")
        let spoils: [(String, (Data) -> Data)] = [
            ("model.safetensors", { $0.dropLast(4) }), ("model.safetensors", { _ in Data([1, 2]) }),
            ("model.safetensors", { Data(repeating: 255, count: 8) + $0.dropFirst(8) }),
            ("config.json", { _ in Data("{}".utf8) }),
            ("config.json", { Data(String(decoding: $0, as: UTF8.self).replacing("\"bert\"", with: "\"xlm\"").utf8) }),
            ("vocab.txt", { _ in Data("a\nb\n".utf8) }), ("vocab.txt", { $0 + Data("one\ntwo\n".utf8) }),
        ]
        for (name, spoil) in spoils {
            let found = try code { folder in
                try SentenceFixture.write(to: folder)
                let file = folder.appending(path: name)
                try spoil(Data(contentsOf: file)).write(to: file)
            }
            #expect(found == "embedding_unusable", "\(name)")
        }
    }

    /// Sizes that only a broken or hostile file holds, alike in both files so that they agree with each other.
    @Test(arguments: [
        ("vocab_size", 9, "embeddings.word_embeddings.weight", [1 << 61, 8]),
        ("vocab_size", 9, "embeddings.word_embeddings.weight", [Int.max, 8]),
        ("max_position_embeddings", 6, "embeddings.position_embeddings.weight", [1 << 62, 8]),
        ("intermediate_size", 12, "encoder.layer.0.intermediate.dense.weight", [1 << 62, 8]),
    ])
    func sizesBeyondAnyMemoryAreRefused(key: String, value: Int, tensor: String, shape: [Int]) throws {
        let folder = try TemporaryFolder()
        try SentenceFixture.write(to: folder.url)
        try SentenceFixture.rewriteHeader(in: folder.url) { header in
            var entry = try #require(header[tensor] as? [String: Any])
            entry["shape"] = shape
            header[tensor] = entry
        }
        let config = folder.url.appending(path: "config.json")
        let text = String(decoding: try Data(contentsOf: config), as: UTF8.self)
        try Data(text.replacing("\"\(key)\":\(value)", with: "\"\(key)\":\(shape[0])").utf8).write(to: config)
        #expect(throws: Diagnostic.self) { try SentenceModel.load(folder.url.path) }
    }

    @Test(arguments: [
        [0, Int.max], [Int.max, Int.max], [Int.min, Int.max], [8, Int.min], [-4, 28], [1 << 62, 1 << 62 + 32], [0], [],
    ])
    func placesOutsideOfTheFileAreRefused(offsets: [Int]) throws {
        let folder = try TemporaryFolder()
        try SentenceFixture.write(to: folder.url)
        try SentenceFixture.rewriteHeader(in: folder.url) { header in
            var entry = try #require(header["embeddings.LayerNorm.bias"] as? [String: Any])
            entry["data_offsets"] = offsets
            header["embeddings.LayerNorm.bias"] = entry
        }
        let found = #expect(throws: Diagnostic.self) { try SentenceModel.load(folder.url.path) }
        #expect(found?.code == "embedding_unusable" && found?.remedy != nil)
    }

    @Test(arguments: ["num_attention_heads", "hidden_size", "num_hidden_layers", "type_vocab_size"])
    func absurdSettingsAreRefused(key: String) throws {
        for value in ["9223372036854775807", "4611686018427387904", "-8", "0", "1e300"] {
            let folder = try TemporaryFolder()
            try SentenceFixture.write(to: folder.url)
            let config = folder.url.appending(path: "config.json")
            let text = String(decoding: try Data(contentsOf: config), as: UTF8.self)
            let changed = text.replacing(try Regex("\"\(key)\":[0-9]+"), with: "\"\(key)\":\(value)")
            #expect(changed != text)
            try Data(changed.utf8).write(to: config)
            let found = #expect(throws: Diagnostic.self) { try SentenceModel.load(folder.url.path) }
            #expect(found?.code == "embedding_unusable", "\(key) \(value)")
        }
    }

    @Test func halfFloatsAreWhatTheyAre() {
        #expect(TensorFile.half(0x3C00) == 1 && TensorFile.half(0xC000) == -2 && TensorFile.half(0x7BFF) == 65504)
        #expect(TensorFile.half(0x0001) == Float(5.9604645e-08) && TensorFile.half(0x8000) == 0)
        #expect(TensorFile.half(0x7C00) == .infinity && TensorFile.half(0xFE00).isNaN)
    }
}
