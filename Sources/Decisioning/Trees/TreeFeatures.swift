import Foundation

/// The features of the online model as a dense row for trees: one column for each family, categories as numbers.
///
/// Taken from the very same fold, so that both models see the same facts; weights of single HCPs are left out, since a
/// tree would learn people by heart.
enum TreeFeatures {
    struct Column: Sendable {
        let name: String
        let theme: Theme
        let isCategory: Bool
    }

    static let columns: [Column] = [
        Column(name: "channel", theme: .base, isCategory: true),
        Column(name: "country", theme: .market, isCategory: true),
        Column(name: "specialty", theme: .segment, isCategory: true),
        Column(name: "volume decile", theme: .segment, isCategory: false),
        Column(name: "access", theme: .segment, isCategory: true),
        Column(name: "recency", theme: .recency, isCategory: false),
        Column(name: "last answer", theme: .history, isCategory: false),
        Column(name: "touches in 30 days", theme: .recency, isCategory: false),
        Column(name: "touches in 90 days", theme: .recency, isCategory: false),
        Column(name: "touches in a year", theme: .recency, isCategory: false),
        Column(name: "reached on the channel", theme: .history, isCategory: false),
        Column(name: "engaged on the channel", theme: .history, isCategory: false),
        Column(name: "reached", theme: .history, isCategory: false),
        Column(name: "engaged", theme: .history, isCategory: false),
        Column(name: "touches in 14 days", theme: .fatigue, isCategory: false),
        Column(name: "own visits", theme: .interest, isCategory: false),
        Column(name: "weekday", theme: .timing, isCategory: true),
        Column(name: "hour", theme: .timing, isCategory: false),
        Column(name: "topic", theme: .content, isCategory: true),
        Column(name: "format", theme: .content, isCategory: true),
        Column(name: "content", theme: .content, isCategory: true),
        Column(name: "topic affinity", theme: .affinity, isCategory: false),
        Column(name: "rep", theme: .sender, isCategory: true),
    ]

    static var categories: [Int] { columns.indices.filter { columns[$0].isCategory } }

    /// Writes a row of `columns.count` numbers; what the buffer does not name stays missing.
    @inline(__always) static func write(
        _ buffer: FeatureBuffer, decile: UInt8, access: UInt8, to row: UnsafeMutablePointer<Float>
    ) {
        typealias L = FeatureLayout
        for k in 0..<columns.count { row[k] = .nan }
        row[3] = Float(decile)
        row[4] = access == 255 ? .nan : Float(access)
        for k in 0..<buffer.count {
            let (i, x) = (Int(buffer.index[k]), buffer.value[k])
            switch i {
            case ..<L.country: row[0] = Float(i)
            case ..<L.specialty: row[1] = Float((i - L.country) / L.groups)
            case ..<L.segment: row[2] = Float((i - L.specialty) / L.channels)
            case ..<L.recency: break
            case ..<L.lastAnswer: row[5] = Float((i - L.recency) % L.recencyBuckets)
            case ..<L.frequency: row[6] = Float((i - L.lastAnswer) % 4)
            case ..<L.rate: row[7 + (i - L.frequency) % 3] = x
            case ..<L.rateAll: row[10 + (i - L.rate) % 2] = x
            case ..<L.fatigue: row[12 + (i - L.rateAll) % 2] = x
            case ..<L.pull: row[14] = Float((i - L.fatigue) % L.fatigueBuckets)
            case ..<L.weekday: row[15] = Float((i - L.pull) % 3)
            case ..<L.hour: row[16] = Float((i - L.weekday) % 7)
            case ..<L.topic: row[17] = Float((i - L.hour) % L.hourBands)
            case ..<L.format: row[18] = Float((i - L.topic) / L.groups)
            case ..<L.content: row[19] = Float((i - L.format) / L.channels)
            case ..<L.affinity: row[20] = Float(i - L.content)
            case ..<L.rep: row[21] = x
            case ..<L.person: row[22] = Float(i - L.rep)
            default: break
            }
        }
    }
}
