import Foundation
import Statistics

/// The features of the online model as a dense row for trees: one column for each family, categories as numbers.
///
/// Taken from the very same fold, so that both models see the same facts; weights of single HCPs are left out, since a
/// tree would learn people by heart, and so are weekday and hour: a plan scores touches before their moment is chosen, and
/// a tree that has split on it would have to invent one.
enum TreeFeatures {
    struct Column: Sendable {
        let name: String
        let theme: Theme
        var isCategory = false
        /// What a row holds where the fold names nothing: NaN = not known, else what *nothing yet* comes to.
        var absent: Float = .nan
    }

    static let columns: [Column] = [
        Column(name: "channel", theme: .base, isCategory: true),
        Column(name: "country", theme: .market, isCategory: true),
        Column(name: "specialty", theme: .segment, isCategory: true),
        Column(name: "volume decile", theme: .segment, absent: 0),
        Column(name: "access", theme: .segment, isCategory: true),
        Column(name: "recency", theme: .recency, absent: 8),
        Column(name: "last answer", theme: .history, absent: 0),
        Column(name: "touches in 30 days", theme: .recency, absent: 0),
        Column(name: "touches in 90 days", theme: .recency, absent: 0),
        Column(name: "touches in a year", theme: .recency, absent: 0),
        Column(name: "reached on the channel", theme: .history, absent: 0),
        Column(name: "engaged on the channel", theme: .history, absent: 0),
        Column(name: "reached", theme: .history, absent: 0),
        Column(name: "engaged", theme: .history, absent: 0),
        Column(name: "touches in 14 days", theme: .fatigue, absent: 0),
        Column(name: "own visits", theme: .interest, absent: 3),
        Column(name: "topic", theme: .content, isCategory: true),
        Column(name: "format", theme: .content, isCategory: true),
        Column(name: "content", theme: .content, isCategory: true),
        Column(name: "topic affinity", theme: .affinity, absent: 0),
        Column(name: "format affinity", theme: .affinity, absent: 0),
        Column(name: "last conversation", theme: .recency, absent: 3),
        Column(name: "rep", theme: .sender, isCategory: true),
    ]

    static let categories = columns.indices.filter { columns[$0].isCategory }
    /// Columns of the content and of the HCP's taste for it.
    static let ofContent = columns.indices.filter { [.content, .affinity].contains(columns[$0].theme) }
    static let tastes = columns.indices.filter { columns[$0].theme == .affinity }
    private static let blank = columns.map(\.absent)

    /// Writes a row of `columns.count` numbers of which nothing but the HCP is known yet.
    @inline(__always) static func begin(decile: UInt8, access: UInt8, _ row: UnsafeMutablePointer<Float>) {
        for k in blank.indices { row[k] = blank[k] }
        row[3] = Float(decile)
        row[4] = access == 255 ? .nan : Float(access)
    }

    /// Adds what the buffer names.
    @inline(__always) static func add(_ buffer: FeatureBuffer, to row: UnsafeMutablePointer<Float>) {
        typealias L = FeatureLayout
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
            case ..<L.topic: break
            case ..<L.format: row[16] = Float((i - L.topic) / L.groups)
            case ..<L.content: row[17] = Float((i - L.format) / L.channels)
            case ..<L.affinity: row[18] = Float(i - L.content)
            case ..<L.formatAffinity: row[19] = x
            case ..<L.access: row[20] = x
            case ..<L.talk: break
            case ..<L.rep: row[21] = Float((i - L.talk) % L.talkBuckets)
            case ..<L.person: row[22] = Float(i - L.rep)
            default: break
            }
        }
    }

    /// Digest of a row, bit for bit.
    static func digest(_ row: ArraySlice<Float>) -> UInt64 {
        row.reduce(0x5250_5254) { SeededGenerator.mix($0 ^ UInt64($1.bitPattern)) &+ 0x9E37_79B9_7F4A_7C15 }
    }
}
