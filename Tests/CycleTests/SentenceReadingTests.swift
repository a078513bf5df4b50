import EngagementModel
import Foundation
import Insight
import TestSupport
import Testing
import Warehouse

@testable import Cycle

/// A classifier that was trained with a sentence model, in the run and in the inbox.
@Suite struct SentenceReadingTests {
    /// Texts in the words of the fixture's vocabulary, and what a model of them is trained to say.
    private static func trained(with model: SentenceModel?) throws -> TrainedText {
        let texts = ["dose of", "how dose", "doses of how", "of doses", "how of dose", "dose ?", "how ?", "of ? dose"]
        let all = (0..<5).flatMap { number in texts.map { "\($0) \(number)" } }
        let classes = all.indices.map { Int32(($0 % texts.count) % 2) }
        let labels = ["price", "order"]
        let proof = TrainedText.Proof(
            texts: all.count, foldAccuracy: [1], accuracy: 0.75, macroF1: 0.75, calibrationError: 0)
        let plain = try TextClassifier(texts: all, classes: classes, labels: labels, seed: 3)
        guard let model else { return TrainedText(plain, proof: proof) }
        let better = TrainedText.Proof(
            texts: all.count, foldAccuracy: [1], accuracy: 0.875, macroF1: 0.875, calibrationError: 0)
        let embedded = try TextClassifier(
            texts: all, classes: classes, labels: labels, seed: 3, meanings: TextMeanings(all, by: model))
        return TrainedText(plain, proof: proof, embedded: .init(embedded, proof: better))
    }

    /// What runs need of the installed libraries, and a sentence model of one's own beside them.
    private static func native(in folder: TemporaryFolder) throws -> URL {
        let installed = URL(filePath: DriverLocation.nativeDirectory(environment: ProcessInfo.processInfo.environment))
        let own = folder.url.appending(path: "native")
        try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
        for name in ["duckdb", "lightgbm"] {
            try FileManager.default.createSymbolicLink(
                at: own.appending(path: name), withDestinationURL: installed.appending(path: name))
        }
        return own
    }

    @Test func theRunAndTheInboxReadByMeaningWhereTheModelIs() async throws {
        let folder = try TemporaryFolder()
        let root = folder.url.appending(path: "company")
        _ = try WorkspaceTemplate.create(.demo, at: root, hcps: 200, reps: 2, seed: 4, endingOn: InsightCompany.asOf)
        let native = try Self.native(in: folder)
        let place = native.appending(path: SentenceModel.folder)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try SentenceFixture.write(to: place)
        let model = try SentenceModel.load(place.path)
        let trained = try Self.trained(with: model)
        let (with, without) = (try InquiryReader(trained, sentences: model), try InquiryReader(trained))
        // A text that the two read otherwise: only then does the run show which of them it used.
        let words = ["dose", "doses", "of", "how", "?"]
        let candidates = words.flatMap { a in words.flatMap { b in words.map { "\(a) \(b) \($0)" } } }
        let (by, plainly) = (with.read(candidates), without.read(candidates))
        let row = try #require(candidates.indices.first { by[$0].kind != plainly[$0].kind })
        try folder.write(
            """
            inquiry_id,hcp_id,received_at,channel,product_id,text
            Q1,H0000001,2026-05-30T10:00:00Z,email,P1,"\(candidates[row])"

            """, to: "company/sources/canonical/inquiry.csv")
        try folder.write(String(decoding: trained.encoded(), as: UTF8.self), to: "company/" + TextModelFile.path)
        var workspace = try #require(Workspace.read(at: root).workspace)
        workspace.settings.nativeDirectory = native.path

        let read = try await Self.readings(workspace)
        #expect(read == ["\(by[row].kind.rawValue) \(with.version)"])
        #expect(try TextModelFile.reader(workspace).version == with.version)
        let proof = try await Self.texts(
            workspace, "SELECT note AS v FROM catalogue.feature WHERE name = 'inquiry kinds'")
        #expect(proof.count == 1 && proof[0].contains("0.875"), "\(proof)")
        // The inbox asks the same reader.
        let finding = InquiryRoom.reading("", candidates[row], by: try TextModelFile.reader(workspace))
        #expect(finding.reader == with.version)

        // Another model than that of the training: the classical classifier reads, and the messages are read again.
        try SentenceFixture.write(to: place) { $0["pooler.dense.weight"] = [2, 2] }
        #expect(try await Self.readings(workspace) == ["\(plainly[row].kind.rawValue) \(without.version)"])

        // A model that is broken stops the run with what to do; it must not pass for none.
        try Data([1, 2, 3]).write(to: place.appending(path: "model.safetensors"))
        let broken = await #expect(throws: Diagnostic.self) { try await Self.readings(workspace) }
        #expect(broken?.code == "embedding_unusable" && broken?.remedy != nil)
    }

    private static func readings(_ workspace: Workspace) async throws -> [String] {
        _ = try await CycleRun(
            workspace: workspace, request: RunRequest(asOf: InsightCompany.asOf), now: InsightCompany.clock
        ).perform()
        return try await texts(
            workspace,
            "SELECT kind || ' ' || reader AS v FROM insight.reading WHERE message_kind = 'inquiry' ORDER BY message_id")
    }

    private static func texts(_ workspace: Workspace, _ sql: String) async throws -> [String] {
        let current = try #require(SnapshotStore(directory: workspace.snapshotDirectory).current)
        let warehouse = try Warehouse.open(workspace.warehouseOptions(path: current.path, readOnly: true))
        defer { warehouse.close() }
        return try await warehouse.connect().query(sql).texts("v")
    }
}
