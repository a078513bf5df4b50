import EngagementModel
import Foundation
import Insight
import Testing

@Suite struct TrainedTextTests {
    private static let proof = TrainedText.Proof(
        texts: 40, foldAccuracy: [0.9, 1], accuracy: 0.95, macroF1: 0.94, calibrationError: 0.05)

    private static func trained(_ labels: [String]) throws -> TrainedText {
        let texts = (0..<20).flatMap {
            ["what does the set cost number \($0)", "which dose at weight \($0) kilograms"]
        }
        return TrainedText(
            try TextClassifier(
                texts: texts, classes: texts.indices.map { Int32($0 % 2) }, labels: labels, seed: 3), proof: proof)
    }

    @Test func theFileBringsTheClassifierBack() throws {
        let first = try Self.trained(["price", "dosing"])
        let again = try TrainedText(decoding: first.encoded())
        #expect(again.proof == Self.proof && again.version == first.version)
        #expect(again.classifier.labels == ["price", "dosing"])
        let texts = ["what does it cost", "which dose for 80 kilograms", "unheard of", ""]
        let (a, b) = (first.classifier.probabilities(texts), again.classifier.probabilities(texts))
        // Weights are kept as 32-bit floats.
        #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-5 })
        let other = try Self.trained(["order", "dosing"])
        #expect(other.version != first.version)
    }

    @Test func aDamagedFileIsRefused() throws {
        let good = try Self.trained(["price", "dosing"]).encoded()
        var object = try #require(try JSONSerialization.jsonObject(with: good) as? [String: Any])
        var members = try #require(object["members"] as? [[String: Any]])
        members[0]["numbers"] = Data([1, 0, 0, 0]).base64EncodedString()
        object["members"] = members
        for bytes in [Data(), Data("{}".utf8), good.dropLast(9), try JSONSerialization.data(withJSONObject: object)] {
            let problem = #expect(throws: Diagnostic.self) { try TrainedText(decoding: bytes) }
            #expect(problem?.code == "text_model_damaged")
        }
    }

    @Test func rulesKeepSafetyAndEveryDoubtOnTheMedicalSide() throws {
        let reader = try InquiryReader(Self.trained(["price", "dosing"]))
        let rules = InquiryReader()
        #expect(reader.version != rules.version)
        let texts = [
            "what does the set cost number 9", "My patient developed a rash and went to the hospital",
            "what does the dose cost", "zzz", "Where is my order? The delivery is late.",
        ]
        let (read, ruled) = (reader.read(texts), rules.read(texts))
        #expect(read[0].kind == .price && !read[0].medical && read[0].need == "price")
        #expect(read[1].safety == ruled[1].safety && read[1].safety != nil && read[1].medical)
        // Half of each: medical looks at it.
        #expect(read[2].medical)
        #expect(zip(read, ruled).allSatisfy { $0.medical || !$1.medical })
        // Deliveries were not in the training: the rules know them.
        #expect(read[4].kind == .delivery && ruled[4].kind == .delivery)
    }

    @Test func labelsThatNoRouteKnowsAreRefused() throws {
        let problem = #expect(throws: Diagnostic.self) { try InquiryReader(Self.trained(["price", "weather"])) }
        #expect(problem?.code == "text_model_labels")
    }
}
