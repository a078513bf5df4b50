package import EngagementModel
import Statistics

/// P(reached) and P(engaged | reached) by gradient-boosted trees: the batch challenger of `ResponseModel`.
package struct TreeResponse: Sendable {
    let reach: TreeModel
    let engage: TreeModel
    var vocabulary: ResponseVocabulary
    /// By step and channel code.
    let calibration: [[LogitCalibration]]
    package let learnedUntil: Int64
    /// Hexadecimal hash of the encoded model.
    package private(set) var version: String
    private let texts: [String]

    /// At most so many touches teach; HCPs spread over all are taken when there are more.
    static let mostRows = 2_000_000

    // MARK: Learning

    /// Learns from the touches whose answers are final by as-of. Trees fitted to what was known `evaluationDays` ago are
    /// judged on the touches since; the model itself then learns from all.
    ///
    /// - Throws: `trees_failed`; `too_little_history` when no touch engaged yet.
    package static func learn(
        _ input: ResponseInput, options: TreeOptions, evaluationDays: Int64 = 28, library: TreeLibrary
    ) throws(Diagnostic) -> (model: TreeResponse, rows: [ResponseReport.Row]) {
        var vocabulary = ResponseVocabulary()
        let columns = Self.columns(input, &vocabulary)
        let cut = input.asOf - evaluationDays * Microseconds.day
        let all = TreeTouches(columns, mostRows: mostRows)
        let early = try fit(all, until: cut, options, library)
        let evidence = try all.evidence(early, after: cut)
        let (calibration, rows) = evidence.judge()
        let full = try fit(all, until: input.asOf, options, library)
        let texts = [try full.reach.text(), try full.engage.text()]
        let model = TreeResponse(
            reach: full.reach, engage: full.engage, vocabulary: vocabulary, calibration: calibration,
            learnedUntil: input.asOf, texts: texts)
        return (model, rows)
    }

    private static func fit(
        _ touches: TreeTouches, until: Int64, _ options: TreeOptions, _ library: TreeLibrary
    ) throws(Diagnostic) -> (reach: TreeModel, engage: TreeModel) {
        func fit(_ step: ResponseStep) throws(Diagnostic) -> TreeModel {
            let (rows, answers) = touches.rows(step, until: until)
            guard answers.contains(true), answers.contains(false) else {
                throw Diagnostic(
                    "too_little_history", "no trees can be learnt yet: all final touches were answered alike",
                    remedy: "take the lightgbm model out of models.yaml until there are more touches")
            }
            return try TreeModel.learn(
                rows, answers: answers, categories: TreeFeatures.categories, options: options, library: library)
        }
        return (try fit(.reached), try fit(.engaged))
    }

    static func columns(_ input: ResponseInput, _ vocabulary: inout ResponseVocabulary) -> FoldColumns {
        // Base rates only centre the features: trees need no other than the cold start's.
        let base = ResponseModel()
        return FoldColumns(
            input, Translation(input, &vocabulary), baseReach: base.baseReach, baseEngage: base.baseEngage)
    }

    // MARK: Coding

    private static let magic: UInt64 = 0x5250_5254_5245_0002  // "RPRTRE", format 2

    private init(
        reach: TreeModel, engage: TreeModel, vocabulary: ResponseVocabulary, calibration: [[LogitCalibration]],
        learnedUntil: Int64, texts: [String]
    ) {
        self.reach = reach
        self.engage = engage
        self.vocabulary = vocabulary
        self.calibration = calibration
        self.learnedUntil = learnedUntil
        self.texts = texts
        version = ""
        version = Self.version(of: encoded())
    }

    /// Hexadecimal hash of an encoded model: what a decision record names; needs no library.
    package static func version(of bytes: [UInt8]) -> String {
        var hash = ContentHash()
        hash.combine(bytes: bytes)
        return hash.hex
    }

    package func encoded() -> [UInt8] {
        var out = ByteWriter()
        out.put(Self.magic)
        for index in [
            vocabulary.specialties, vocabulary.countries, vocabulary.topics, vocabulary.formats, vocabulary.contents,
            vocabulary.reps,
        ] {
            out.put(index.names)
        }
        out.put(learnedUntil)
        for line in calibration.joined() {
            out.put(line.slope)
            out.put(line.shift)
        }
        out.put(texts)
        return out.bytes
    }

    /// - Throws: `model_damaged` when the bytes are no such model.
    package init(decoding bytes: [UInt8], library: TreeLibrary) throws(Diagnostic) {
        var input = ByteReader(bytes)
        guard try input.get(UInt64.self) == Self.magic else { throw ByteReader.damaged }
        var vocabulary = ResponseVocabulary()
        vocabulary.specialties = NameIndex(capacity: FeatureLayout.specialties, names: try input.getTexts())
        vocabulary.countries = NameIndex(capacity: FeatureLayout.countries, names: try input.getTexts())
        vocabulary.topics = NameIndex(capacity: FeatureLayout.topics, names: try input.getTexts())
        vocabulary.formats = NameIndex(capacity: FeatureLayout.formats, names: try input.getTexts())
        vocabulary.contents = NameIndex(capacity: FeatureLayout.contents, names: try input.getTexts())
        vocabulary.reps = NameIndex(capacity: FeatureLayout.reps, names: try input.getTexts())
        let until = try input.get(Int64.self)
        var lines: [[LogitCalibration]] = []
        for _ in ResponseStep.allCases {
            var ofStep: [LogitCalibration] = []
            for _ in 0..<FeatureLayout.channels {
                ofStep.append(LogitCalibration(slope: try input.getDouble(), shift: try input.getDouble()))
            }
            lines.append(ofStep)
        }
        let texts = try input.getTexts()
        guard texts.count == 2 else { throw ByteReader.damaged }
        let width = TreeFeatures.columns.count
        self.init(
            reach: try TreeModel(text: texts[0], columns: width, library: library),
            engage: try TreeModel(text: texts[1], columns: width, library: library), vocabulary: vocabulary,
            calibration: lines, learnedUntil: until, texts: texts)
    }
}

/// The final touches of a history as rows for trees.
struct TreeTouches: Sendable {
    private var rows = TreeRows(columns: TreeFeatures.columns.count)
    private var level: [UInt8] = []
    private var channel: [UInt8] = []
    private var half: [UInt8] = []
    private var closes: [Int64] = []
    private var time: [Int64] = []

    init(_ columns: FoldColumns, mostRows: Int) {
        let step = max(1, (columns.touches.count + mostRows - 1) / max(mostRows, 1))
        var fold = ContactFold(columns)
        let width = TreeFeatures.columns.count
        var line = [Float](repeating: 0, count: width)
        for hcp in Swift.stride(from: 0, to: columns.hcpCount, by: step) {
            fold.walk(hcp, until: columns.asOf) { fold, row, closing, day in
                guard closing <= columns.asOf else { return }
                fold.addTouch(row, day: day)
                line.withUnsafeMutableBufferPointer { line in
                    guard let base = line.baseAddress else { return }
                    TreeFeatures.begin(decile: columns.hcps.decile[hcp], access: columns.hcps.access[hcp], base)
                    TreeFeatures.add(fold.buffer, to: base)
                }
                rows.values += line
                level.append(columns.touches.level[row])
                channel.append(columns.touches.channel[row])
                half.append(UInt8(SeededGenerator.mix(UInt64(hcp)) & 1))
                closes.append(closing)
                time.append(columns.touches.time[row])
            }
        }
    }

    /// Rows of a step that were final by `limit`, with their answers.
    func rows(_ step: ResponseStep, until limit: Int64) -> (TreeRows, [Bool]) {
        let width = rows.columns
        var chosen = TreeRows(columns: width)
        var answers: [Bool] = []
        for row in level.indices where closes[row] <= limit && (step == .reached || level[row] >= 1) {
            chosen.values += rows.values[(row * width)..<((row + 1) * width)]
            answers.append(level[row] >= (step == .reached ? 1 : 2))
        }
        return (chosen, answers)
    }

    /// Logits of the touches after `cut`, by models that have not seen them.
    func evidence(_ models: (reach: TreeModel, engage: TreeModel), after cut: Int64) throws(Diagnostic) -> Evidence {
        var found = Evidence()
        for step in ResponseStep.allCases {
            let places = level.indices.filter { time[$0] > cut && (step == .reached || level[$0] >= 1) }
            var later = TreeRows(columns: rows.columns)
            for row in places { later.values += rows.values[(row * rows.columns)..<((row + 1) * rows.columns)] }
            let model = step == .reached ? models.reach : models.engage
            for (row, logit) in zip(places, try model.logits(later)) {
                found.add(
                    step: step.rawValue, channel: channel[row], half: half[row],
                    outcome: level[row] >= (step == .reached ? 1 : 2), logit: Float(logit),
                    day: Int32(Microseconds.floor(closes[row], Microseconds.day)))
            }
        }
        return found
    }
}
