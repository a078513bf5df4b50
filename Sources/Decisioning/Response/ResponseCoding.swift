package import EngagementModel
import Statistics

/// Little-endian bytes, written in order.
struct ByteWriter {
    var bytes: [UInt8] = []

    mutating func put<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func put(_ value: Double) { put(value.bitPattern) }

    mutating func put(_ text: String) {
        put(UInt32(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func put(_ texts: [String]) {
        put(UInt32(texts.count))
        for text in texts { put(text) }
    }

    /// Plain numbers as they lie in memory; all supported machines are little-endian.
    mutating func put<T: BitwiseCopyable>(array: [T]) {
        put(UInt64(array.count))
        array.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
}

/// Reads what `ByteWriter` wrote; a short file is an error, never a crash.
struct ByteReader {
    let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    static let damaged = Diagnostic(
        "model_damaged", "the model file is damaged or of another version",
        remedy: "remove it; the next run learns from the whole history")

    private mutating func take(_ count: Int) throws(Diagnostic) -> Range<Int> {
        guard count >= 0, count <= bytes.count - position else { throw Self.damaged }
        defer { position += count }
        return position..<(position + count)
    }

    mutating func get<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type = T.self) throws(Diagnostic) -> T {
        let range = try take(MemoryLayout<T>.size)
        return bytes.withUnsafeBytes { T(littleEndian: $0.loadUnaligned(fromByteOffset: range.lowerBound, as: T.self)) }
    }

    mutating func getDouble() throws(Diagnostic) -> Double { Double(bitPattern: try get(UInt64.self)) }

    mutating func getText() throws(Diagnostic) -> String {
        let range = try take(Int(try get(UInt32.self)))
        return String(decoding: bytes[range], as: UTF8.self)
    }

    mutating func getTexts() throws(Diagnostic) -> [String] {
        let count = Int(try get(UInt32.self))
        var texts: [String] = []
        for _ in 0..<count { texts.append(try getText()) }
        return texts
    }

    mutating func getArray<T: BitwiseCopyable>(_ zero: T) throws(Diagnostic) -> [T] {
        let count = try get(UInt64.self)
        guard count <= UInt64(bytes.count) else { throw Self.damaged }
        let range = try take(Int(count) * MemoryLayout<T>.stride)
        var array = [T](repeating: zero, count: Int(count))
        array.withUnsafeMutableBytes { $0.copyBytes(from: bytes[range]) }
        return array
    }
}

extension ResponseModel {
    private static let magic: UInt64 = 0x5250_5253_504D_0002  // "RPRSPM", format 2

    /// Whether bytes are a model of an earlier or later format, to be learnt anew.
    package static func isOfOtherFormat(_ bytes: [UInt8]) -> Bool {
        var input = ByteReader(bytes)
        guard let found = try? input.get(UInt64.self) else { return false }
        return found >> 16 == magic >> 16 && found != magic
    }

    /// The model as bytes, for `state/models`; `init(decoding:)` reads them back bit for bit.
    package func encoded() -> [UInt8] {
        var out = ByteWriter()
        out.bytes.reserveCapacity(reach.count * 16 + 1_000_000)
        out.put(Self.magic)
        for index in [
            vocabulary.specialties, vocabulary.countries, vocabulary.topics, vocabulary.formats,
            vocabulary.contents, vocabulary.reps,
        ] {
            out.put(index.names)
        }
        out.put(learnedUntil)
        out.put(Int64(learnedRows))
        out.put(array: baseReach)
        out.put(array: baseEngage)
        for line in calibration.joined() {
            out.put(line.slope)
            out.put(line.shift)
        }
        out.put(array: evidence.step)
        out.put(array: evidence.channel)
        out.put(array: evidence.half)
        out.put(array: evidence.outcome)
        out.put(array: evidence.logit)
        out.put(array: evidence.day)
        out.put(array: peers)
        out.put(array: moments)
        out.put(array: reach)
        out.put(array: engage)
        return out.bytes
    }

    /// - Throws: `model_damaged` when the bytes are not a model of this format.
    package init(decoding bytes: [UInt8]) throws(Diagnostic) {
        self.init()
        var input = ByteReader(bytes)
        guard try input.get(UInt64.self) == Self.magic else { throw ByteReader.damaged }
        vocabulary.specialties = NameIndex(capacity: FeatureLayout.specialties, names: try input.getTexts())
        vocabulary.countries = NameIndex(capacity: FeatureLayout.countries, names: try input.getTexts())
        vocabulary.topics = NameIndex(capacity: FeatureLayout.topics, names: try input.getTexts())
        vocabulary.formats = NameIndex(capacity: FeatureLayout.formats, names: try input.getTexts())
        vocabulary.contents = NameIndex(capacity: FeatureLayout.contents, names: try input.getTexts())
        vocabulary.reps = NameIndex(capacity: FeatureLayout.reps, names: try input.getTexts())
        learnedUntil = try input.get(Int64.self)
        learnedRows = Int(try input.get(Int64.self))
        baseReach = try input.getArray(0)
        baseEngage = try input.getArray(0)
        for s in 0..<2 {
            for c in 0..<FeatureLayout.channels {
                calibration[s][c] = LogitCalibration(slope: try input.getDouble(), shift: try input.getDouble())
            }
        }
        evidence.step = try input.getArray(0)
        evidence.channel = try input.getArray(0)
        evidence.half = try input.getArray(0)
        evidence.outcome = try input.getArray(0)
        evidence.logit = try input.getArray(0)
        evidence.day = try input.getArray(0)
        peers = try input.getArray(.zero)
        moments = try input.getArray(0)
        reach = try input.getArray(.zero)
        engage = try input.getArray(.zero)
        guard hasConsistentSizes else { throw ByteReader.damaged }
        version = contentHash()
    }

    private var hasConsistentSizes: Bool {
        let rows = evidence.step.count
        return baseReach.count == FeatureLayout.channels && baseEngage.count == FeatureLayout.channels
            && reach.count == engage.count && reach.count >= FeatureLayout.person
            && (reach.count - FeatureLayout.person) % FeatureLayout.personWidth == 0
            && peers.count == FeatureLayout.specialties * FeatureLayout.channels
            && moments.count == FeatureLayout.topic - FeatureLayout.weekday
            && [evidence.channel, evidence.half, evidence.outcome].allSatisfy { $0.count == rows }
            && evidence.logit.count == rows && evidence.day.count == rows
    }

    func contentHash() -> String {
        var hash = ContentHash()
        hash.combine(bytes: encoded())
        return hash.hex
    }
}
