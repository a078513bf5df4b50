package import ArgumentParser
internal import EngagementModel
internal import Foundation
internal import Insight
internal import Warehouse

/// `rapport analyze classify`: kinds of inquiries, topics of notes.
package struct ClassifyMethod: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "classify",
        abstract: "Learns kinds of texts from labelled ones, with calibrated probabilities.",
        discussion: """
            Without --test the figures and the table are of texts that the model had not seen (stratified \
            cross-validation over the training file, or over the parts that --fold names). With --test the table is of \
            that file; its accuracy is given when it holds the label. --save writes the model of all texts with these \
            figures: as models/inquiries.json of a workspace it reads the messages there. --safety also marks texts that tell of an \
            adverse event, a device that failed or a special situation. --embedding adds the vectors of a sentence model to the \
            classical features, and gives the figures of both; the saved model then holds both, and the cycle takes the \
            classical one where the sentence model is not installed.
            """)

    @Argument(help: "CSV or Parquet of labelled texts.", completion: .file())
    var train: String

    @Option(help: "Column of the text.")
    var text: String

    @Option(help: "Column of the label.")
    var label: String

    @Option(help: "File of texts to classify.", completion: .file())
    var test: String?

    @Option(help: "Parts of the cross-validation.")
    var folds = 5

    @Option(help: "Column that names the part of each row, instead of a random one.")
    var fold: String?

    @Option(
        help: ArgumentHelp(
            "Folder of a sentence model, or `auto`: the one of script/setup --embedding when it is installed.",
            valueName: "DIR|auto"), completion: .directory)
    var embedding: String?

    @Flag(help: "Add a column of flags for the safety team.")
    var safety = false

    @Option(help: ArgumentHelp("Write the trained model.", valueName: "FILE"), completion: .file())
    var save: String?

    @OptionGroup var options: AnalysisOptions

    package init() {}

    package func validate() throws {
        guard test == nil || save == nil else { throw ValidationError("--save goes without --test") }
        guard (2...50).contains(folds) else { throw ValidationError("--folds lies in 2…50") }
        guard test == nil || fold == nil else { throw ValidationError("--fold goes without --test") }
    }

    package func run() async throws {
        let table = try await AnalysisTable.read(train)
        let texts = try table.texts(text)
        let (classes, labels) = try table.codes(label)
        if let row = classes.firstIndex(of: -1) {
            throw table.fault(
                "missing_value", "`\(label)` is empty", row: row, column: label,
                remedy: "label the text or leave the row out")
        }
        guard labels.count > 1 else {
            throw table.fault(
                "one_class", "all texts have the same label: there is nothing to tell apart", row: 0, column: label,
                remedy: "give texts of at least two kinds")
        }
        guard labels.count < classes.count else {
            throw table.fault(
                "labels_all_different", "every text has a label of its own: nothing can be learned", row: 0,
                column: label, remedy: "name the column with the kind of the text")
        }
        guard texts.contains(where: { !TextTokens.words($0).isEmpty }) else {
            throw table.fault(
                "empty_texts", "no text holds a letter or a digit", row: 0, column: text,
                remedy: "name the column with the text")
        }
        var document = AnalysisDocument(method: "classify", table: table, seed: options.seed)
        let sentences = try sentenceModel(&document)
        document.set("embedding", sentences.map { .text($0.version) } ?? .missing)
        let meanings = sentences.map { TextMeanings(texts, by: $0) }
        var rows = AnalysisColumns()
        let answer: TextAnswers
        let scored: [String]
        if let test {
            let other = try await AnalysisTable.read(test)
            scored = try other.texts(text)
            let model = try TextClassifier(
                texts: texts, classes: classes, labels: labels, seed: options.seed, meanings: meanings)
            answer = TextAnswers(model.classify(scored, sentences.map { TextMeanings(scored, by: $0) }))
            if other.has(label) {
                try score(answer, against: try other.texts(label), labels, &document)
            } else {
                document.set("accuracy", .missing)
                document.set("macro_f1", .missing)
                document.set("labels", .texts(labels))
            }
        } else {
            let parts = try fold.map { try table.codes($0).codes.map { Int($0) } }
            if let fold, let row = parts?.firstIndex(of: -1) {
                throw table.fault(
                    "missing_value", "`\(fold)` is empty", row: row, column: fold,
                    remedy: "fill the cell or leave the row out")
            }
            if let fold, Set(parts ?? [0, 1]).count < 2 {
                throw table.fault(
                    "one_fold", "`\(fold)` names one part only", row: 0, column: fold, remedy: "name at least two parts"
                )
            }
            scored = texts
            let assigned =
                parts ?? StratifiedFolds.assign(classes, folds: min(folds, texts.count), seed: options.seed)
            answer = try TextAnswers.heldOut(texts, classes, labels, meanings, parts: assigned, seed: options.seed)
            try score(answer, against: classes.map { labels[Int($0)] }, labels, &document)
            let proof = answer.proof(of: classes, labels, parts: assigned)
            var plain = proof
            if meanings != nil {
                plain = try TextAnswers.heldOut(texts, classes, labels, nil, parts: assigned, seed: options.seed)
                    .proof(of: classes, labels, parts: assigned)
                document.set(
                    "without_embedding",
                    .object([
                        ("accuracy", .number(plain.accuracy)), ("macro_f1", .number(plain.macroF1)),
                        ("calibration_error", .number(plain.calibrationError)),
                    ]))
            }
            document.set("fold_accuracy", .numbers(proof.foldAccuracy))
            if let save {
                var trained = TrainedText(
                    try TextClassifier(texts: texts, classes: classes, labels: labels, seed: options.seed),
                    proof: plain)
                if let meanings {
                    let embedded = try TextClassifier(
                        texts: texts, classes: classes, labels: labels, seed: options.seed, meanings: meanings)
                    trained = TrainedText(
                        trained.classifier, proof: plain, embedded: TrainedText.Embedded(embedded, proof: proof))
                }
                try trained.encoded().write(to: URL(filePath: save), options: .atomic)
                document.set("version", .text(trained.version))
            }
            let rare = labels.indices.count { index in classes.count { Int($0) == index } < 5 }
            if rare > 0 { document.warn("\(rare) of \(labels.count) labels have fewer than 5 texts") }
        }
        rows.add("row", Array(1...max(1, scored.count)))
        rows.add("label", answer.label.map { labels[$0] })
        rows.add("probability", answer.probability)
        if safety { mark(scored, &rows, &document) }
        try await report(document, table: rows, options)
    }

    /// - Throws: `embedding_missing` when the named folder holds none; `auto` goes on without one.
    private func sentenceModel(_ document: inout AnalysisDocument) throws -> SentenceModel? {
        guard let embedding else { return nil }
        guard embedding == "auto" else { return try SentenceModel.load(embedding) }
        let native = DriverLocation.nativeDirectory(environment: ProcessInfo.processInfo.environment)
        let folder = "\(native)/\(SentenceModel.folder)"
        guard FileManager.default.fileExists(atPath: folder) else {
            document.warn("no sentence model is installed (script/setup --embedding): classical features alone")
            return nil
        }
        return try SentenceModel.load(folder)
    }

    @discardableResult
    private func score(
        _ answer: TextAnswers, against truth: [String], _ labels: [String], _ document: inout AnalysisDocument
    ) throws -> ClassificationScore {
        // Labels that the model never met can only be wrong; an empty label is no truth.
        var names = labels
        var number = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
        for name in truth where !name.isEmpty && number[name] == nil {
            number[name] = names.count
            names.append(name)
        }
        let known = truth.indices.filter { !truth[$0].isEmpty }
        let score = ClassificationScore(
            truth: known.map { number[truth[$0]] ?? 0 }, predicted: known.map { answer.label[$0] },
            probability: known.map { answer.probability[$0] }, names: names)
        document.set("accuracy", known.isEmpty ? .missing : .number(score.accuracy))
        document.set("macro_f1", known.isEmpty ? .missing : .number(score.macroF1))
        document.set("calibration_error", known.isEmpty ? .missing : .number(score.calibrationError))
        document.set(
            "labels",
            .list(
                score.labels.map {
                    .object([
                        ("label", .text($0.name)), ("count", .integer($0.count)), ("precision", .number($0.precision)),
                        ("recall", .number($0.recall)), ("f1", .number($0.f1)),
                    ])
                }))
        if known.count < truth.count {
            document.warn("\(truth.count - known.count) rows have no label and were not scored")
        }
        if names.count > labels.count {
            document.warn("\(names.count - labels.count) labels of the test file were not in the training file")
        }
        return score
    }

    private func mark(_ texts: [String], _ rows: inout AnalysisColumns, _ document: inout AnalysisDocument) {
        let flags = texts.map { SafetyFlags.scan($0) }
        rows.add("safety", flags.map { $0.map(\.kind.rawValue).joined(separator: " ") })
        rows.add("serious", flags.map { $0.contains { $0.serious } })
        rows.add("safety_hours", flags.map { $0.map { Double($0.deadlineHours) }.min() })
        document.set("safety_flags", .integer(flags.count { !$0.isEmpty }))
    }
}

/// The likeliest label of each text and its probability.
struct TextAnswers {
    var label: [Int]
    var probability: [Double]

    init(_ answers: [(label: Int, probability: Double)]) {
        label = answers.map(\.label)
        probability = answers.map(\.probability)
    }

    /// Each part is answered by a model of the others.
    static func heldOut(
        _ texts: [String], _ classes: [Int32], _ labels: [String], _ meanings: TextMeanings?, parts: [Int],
        seed: UInt64
    ) throws -> TextAnswers {
        var all = [(label: Int, probability: Double)](repeating: (0, 0), count: texts.count)
        for part in Set(parts).sorted() {
            let others = texts.indices.filter { parts[$0] != part }
            let own = texts.indices.filter { parts[$0] == part }
            let model = try TextClassifier(
                texts: others.map { texts[$0] }, classes: others.map { classes[$0] }, labels: labels, seed: seed,
                meanings: meanings)
            for (row, answer) in zip(own, model.classify(own.map { texts[$0] }, meanings)) { all[row] = answer }
        }
        return TextAnswers(all)
    }

    /// What the answers of a cross-validation are worth, in all and part by part.
    func proof(of classes: [Int32], _ labels: [String], parts: [Int]) -> TrainedText.Proof {
        let truth = classes.map { Int($0) }
        let score = ClassificationScore(truth: truth, predicted: label, probability: probability, names: labels)
        let folds = Set(parts).sorted().map { part in
            let own = parts.indices.filter { parts[$0] == part }
            return Double(own.count { label[$0] == truth[$0] }) / Double(own.count)
        }
        return TrainedText.Proof(
            texts: truth.count, foldAccuracy: folds, accuracy: score.accuracy, macroF1: score.macroF1,
            calibrationError: score.calibrationError)
    }
}
