import EngagementModel

/// Pairs of records that may be one person, one after another, with the evidence field by field.
package struct IdentityPage: Sendable {
    /// One field of the two records.
    package struct Field: Sendable, Hashable {
        package var name: String
        package var left: String?
        package var right: String?
        /// How far they agree, in words; nil for a field that was not compared.
        package var level: String?
        /// Evidence in bits: above zero for one person, below for two.
        package var bits: Double?
        package init(name: String, left: String?, right: String?, level: String? = nil, bits: Double? = nil) {
            self.name = name
            self.left = left
            self.right = right
            self.level = level
            self.bits = bits
        }
    }

    package struct Pair: Sendable, Hashable {
        package var left: Record
        package var right: Record
        package var probability: Double
        package var bits: Double
        package var affected: Int
        package var fields: [Field]
        package init(
            left: Record, right: Record, probability: Double, bits: Double, affected: Int, fields: [Field]
        ) {
            self.left = left
            self.right = right
            self.probability = probability
            self.bits = bits
            self.affected = affected
            self.fields = fields
        }
    }

    package struct Record: Sendable, Hashable {
        package var hcpID: String
        package var source: String
        package var sourceID: String
        package init(hcpID: String, source: String, sourceID: String) {
            self.hcpID = hcpID
            self.source = source
            self.sourceID = sourceID
        }
    }

    package var pair: Pair?
    package var open = 0
    /// How many questions were left for later.
    package var skip = 0
    package var settled = 0
    package var said: String?
    package var csrf = ""

    package init() {}

    package var view: View {
        .with { view in
            view.set("openCount", Format.plural(open, "pair"))
            view.set("settledCount", settled > 0 ? Format.plural(settled, "answer") : nil)
            view.set("said", said)
            view.set("csrf", csrf)
            guard let pair else { return }
            view.set("hasPair", true)
            view.set("nextPath", open > 1 ? "\(Operation.identity.path)?skip=\((skip + 1) % open)" : nil)
            view.set("pairProbability", Format.percent(pair.probability))
            view.set("pairAffected", Format.plural(pair.affected, "pair of records", "pairs of records"))
            view.set("leftTitle", "\(pair.left.source) \(pair.left.sourceID)")
            view.set("rightTitle", "\(pair.right.source) \(pair.right.sourceID)")
            view.set("leftSource", pair.left.source)
            view.set("leftID", pair.left.sourceID)
            view.set("rightSource", pair.right.source)
            view.set("rightID", pair.right.sourceID)
            view.set("leftPath", HCPLabel(hcpID: pair.left.hcpID, name: "").path)
            view.set("rightPath", HCPLabel(hcpID: pair.right.hcpID, name: "").path)
            view.set(
                "fields",
                pair.fields.map { field in
                    .with {
                        $0.set("fieldName", field.name == "npi" ? "NPI" : Format.label(field.name))
                        $0.set("fieldLeft", field.left ?? "–")
                        $0.set("fieldRight", field.right ?? "–")
                        $0.set("fieldLevel", field.level.map(Format.label) ?? "not compared")
                        let bits = field.bits ?? 0
                        $0.set("fieldStyle", bits > 0.05 ? "agrees" : bits < -0.05 ? "differs" : "open")
                        $0.set("fieldBits", field.bits.map { Self.evidence($0) } ?? "–")
                    }
                })
            view.set("pairTotal", Self.evidence(pair.bits))
        }
    }

    /// Bits as odds, in words: "16 times likelier to be one", "4 times likelier to be two".
    static func evidence(_ bits: Double) -> String {
        guard abs(bits) >= 0.1 else { return "says nothing" }
        let size = min(abs(bits), 30)
        var times = 1.0
        for _ in 0..<Int(size) { times *= 2 }
        times *= 1 + (size - size.rounded(.down))
        let text = times < 10 ? Format.number(times) : Format.count(Int(times))
        return "\(text)× for \(bits > 0 ? "one" : "two")"
    }
}
