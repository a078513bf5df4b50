import Foundation

/// Decayed engagement by HCP, topic and format, sorted by HCP (`mart.feature_hcp_topic`).
package struct TopicColumns: Sendable {
    package var hcp: [Int32]
    /// Positions in the contents' topic and format names; −1 = none.
    package var topic: [Int32]
    package var format: [Int32]
    package var affinity: [Float]

    package init(hcp: [Int32] = [], topic: [Int32] = [], format: [Int32] = [], affinity: [Float] = []) {
        self.hcp = hcp
        self.topic = topic
        self.format = format
        self.affinity = affinity
    }
}

/// The content that suits an HCP best: shares of engagement by topic and by format, HCP shrunk to specialty shrunk to
/// all.
package struct ContentChoice: Sendable {
    /// Units of engagement that the level above counts for.
    private static let strength: Float = 3

    private let columns: TopicColumns
    private let starts: [Int]
    private let specialty: [Int32]
    private let contents: ContentColumns
    /// Shares by specialty (the last is "unknown").
    private let topicShare: [[Float]]
    private let formatShare: [[Float]]

    package init(_ columns: TopicColumns, contents: ContentColumns, specialty: [Int32], specialties: Int) {
        self.columns = columns
        self.contents = contents
        self.specialty = specialty
        var starts = [Int](repeating: columns.hcp.count, count: specialty.count + 1)
        var filled = 0
        var topics = [[Float]](
            repeating: [Float](repeating: 0, count: contents.topicNames.count), count: specialties + 1)
        var formats = [[Float]](
            repeating: [Float](repeating: 0, count: contents.formatNames.count), count: specialties + 1)
        for row in columns.hcp.indices {
            let hcp = Int(columns.hcp[row])
            while filled <= hcp, filled <= specialty.count {
                starts[filled] = row
                filled += 1
            }
            let s = specialty[hcp] < 0 ? specialties : Int(specialty[hcp])
            let weight = max(0, columns.affinity[row])
            if columns.topic[row] >= 0 { topics[s][Int(columns.topic[row])] += weight }
            if columns.format[row] >= 0 { formats[s][Int(columns.format[row])] += weight }
        }
        self.starts = starts
        topicShare = Self.shares(topics)
        formatShare = Self.shares(formats)
    }

    private static func shares(_ sums: [[Float]]) -> [[Float]] {
        guard let width = sums.first?.count, width > 0 else { return sums }
        var all = [Float](repeating: 1, count: width)
        for row in sums { for k in 0..<width { all[k] += row[k] } }
        let total = all.reduce(0, +)
        return sums.map { row in
            let own = row.reduce(0, +)
            return (0..<width).map { k in (row[k] + 30 * all[k] / total) / (own + 30) }
        }
    }

    /// Log preference of an HCP for a content: topic, and format at half weight.
    package func score(hcp: Int, content: Int) -> Float {
        let s = specialty[hcp] < 0 ? topicShare.count - 1 : Int(specialty[hcp])
        let (topic, format) = (contents.topic[content], contents.format[content])
        var (ofTopic, ofFormat, total): (Float, Float, Float) = (0, 0, 0)
        for row in starts[hcp]..<starts[hcp + 1] {
            let weight = max(0, columns.affinity[row])
            total += weight
            if columns.topic[row] == topic { ofTopic += weight }
            if columns.format[row] == format { ofFormat += weight }
        }
        func share(_ own: Float, _ level: Float) -> Float {
            log((own + Self.strength * level) / (total + Self.strength))
        }
        return (topic < 0 ? 0 : share(ofTopic, topicShare[s][Int(topic)]))
            + 0.5 * (format < 0 ? 0 : share(ofFormat, formatShare[s][Int(format)]))
    }

    /// The best of some contents (those approved for the channel); the first of equals, nil when there is none.
    package func best(hcp: Int, among contents: [Int]) -> Int? {
        var best: (content: Int, score: Float)?
        for content in contents {
            let score = score(hcp: hcp, content: content)
            if score > best?.score ?? -.infinity { best = (content, score) }
        }
        return best?.content
    }
}
