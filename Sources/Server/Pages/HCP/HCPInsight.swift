package import EngagementModel

/// What the insight step says of one HCP: needs, triggers, the segment in words, ties, places.
package struct HCPInsight: Sendable {
    package struct Need: Sendable, Hashable {
        package var product: String
        /// The account that needs it; nil for the HCP.
        package var account: String?
        package var dueDay: Day?
        package var overdueDays: Int
        package var evidence: String
        package init(product: String, account: String? = nil, dueDay: Day?, overdueDays: Int = 0, evidence: String) {
            self.product = product
            self.account = account
            self.dueDay = dueDay
            self.overdueDays = overdueDays
            self.evidence = evidence
        }
    }

    package struct Trigger: Sendable, Hashable {
        package var kind: String
        package var product: String?
        package var evidence: String
        package var score: Double
        package var isAlarm: Bool
        package init(kind: String, product: String? = nil, evidence: String, score: Double, isAlarm: Bool) {
            self.kind = kind
            self.product = product
            self.evidence = evidence
            self.score = score
            self.isAlarm = isAlarm
        }
    }

    package struct Segment: Sendable, Hashable {
        package var number: Int
        package var name: String
        package var rule: String
        package var size: Int
        package init(number: Int, name: String, rule: String, size: Int) {
            self.number = number
            self.name = name
            self.rule = rule
            self.size = size
        }
    }

    package struct Advice: Sendable, Hashable {
        package var word: String
        package var propensity: Double?
        package var uplift: Double?
        package var low: Double?
        package var high: Double?
        package init(
            word: String, propensity: Double? = nil, uplift: Double? = nil, low: Double? = nil, high: Double? = nil
        ) {
            self.word = word
            self.propensity = propensity
            self.uplift = uplift
            self.low = low
            self.high = high
        }

        var sentence: String {
            switch word {
            case "persuade": "Worth a touch: the best action pays, and surely adds something."
            case "try": "Worth a try: the best action pays if it adds what is expected."
            case "spare": "Better left alone: nothing that is allowed is worth its cost."
            default: "Out of reach: nothing is allowed."
            }
        }
    }

    package struct Tie: Sendable, Hashable {
        package var hcp: HCPLabel
        /// Weight of what this HCP asks of the other, and the other of this one; in patients.
        package var asks: Double
        package var asked: Double
        package var referred: Double
        package var received: Double
        package var sharedPatients: Double
        package var places: Int
        package var events: Int
        package var centrality: Double
        package var isNear: Bool
        package init(
            hcp: HCPLabel, asks: Double, asked: Double, referred: Double = 0, received: Double = 0,
            sharedPatients: Double = 0, places: Int = 0, events: Int = 0, centrality: Double = 1, isNear: Bool = false
        ) {
            self.hcp = hcp
            self.asks = asks
            self.asked = asked
            self.referred = referred
            self.received = received
            self.sharedPatients = sharedPatients
            self.places = places
            self.events = events
            self.centrality = centrality
            self.isNear = isNear
        }
    }

    package struct Standing: Sendable, Hashable {
        package var centrality: Double
        package var rank: Int
        package var people: Int
        package var ties: Int
        package init(centrality: Double, rank: Int, people: Int, ties: Int) {
            self.centrality = centrality
            self.rank = rank
            self.people = people
            self.ties = ties
        }
    }

    /// The best hour of one channel: its own answers first, those of its kind for half, those of the others for less.
    package struct BestMoment: Sendable, Hashable {
        package var channel: Channel
        package var weekday: Int
        package var hour: Int
        /// Times the mean of the HCP's hours, with a 90% interval.
        package var lift: Double
        package var low: Double
        package var high: Double
        package var tried: Int
        package var answered: Int
        package init(
            channel: Channel, weekday: Int, hour: Int, lift: Double, low: Double, high: Double, tried: Int,
            answered: Int
        ) {
            self.channel = channel
            self.weekday = weekday
            self.hour = hour
            self.lift = lift
            self.low = low
            self.high = high
            self.tried = tried
            self.answered = answered
        }

        var sentence: String {
            let place = "\(HeatMap.weekdays[min(max(weekday, 0), 6)]) \(Format.hour(hour))"
            let sure = low > 1 ? "" : "; not sure to be better than another hour"
            return "\(channel.title): \(place), \(Format.number(lift, digits: 2)) times the mean "
                + "(\(Format.number(low, digits: 2)) to \(Format.number(high, digits: 2)))\(sure). At this hour "
                + "\(Format.count(tried)) sent, \(Format.count(answered)) answered."
        }
    }

    package var needs: [Need] = []
    package var triggers: [Trigger] = []
    package var segment: Segment?
    package var advice: Advice?
    package var ties: [Tie] = []
    package var standing: Standing?
    /// Address lines with the name of the place.
    package var practices: [String] = []
    package var moments: [BestMoment] = []

    package init() {}
}

extension HCPInsight {
    /// Fields of the partial `hcp-insight`.
    func set(_ view: inout View, name: String, asOf: Day) {
        view.set(
            "needs",
            needs.map { need in
                .with {
                    $0.set("needProduct", need.product)
                    $0.set("needAccount", need.account)
                    $0.set(
                        "needWhen",
                        need.overdueDays > 0 ? "overdue" : need.dueDay.map { "due \(Format.shortDay($0))" })
                    $0.set("isOverdue", need.overdueDays > 0)
                    $0.set("needEvidence", need.evidence)
                }
            })
        view.set(
            "hcpTriggers",
            triggers.map { trigger in
                .with {
                    $0.set("triggerKind", Format.label(trigger.kind))
                    $0.set("triggerProduct", trigger.product)
                    $0.set("triggerEvidence", trigger.evidence)
                    $0.set("triggerScore", Format.percent(trigger.score))
                    $0.set("isAlarm", trigger.isAlarm)
                }
            })
        if let segment {
            view.set("segmentName", segment.name)
            view.set("segmentRule", Format.rule(segment.rule))
            view.set("segmentSize", Format.plural(segment.size, "HCP"))
        }
        if let advice {
            view.set("adviceSentence", advice.sentence)
            if let propensity = advice.propensity {
                view.set("advicePropensity", Format.percent(propensity))
            }
            if let uplift = advice.uplift, let low = advice.low, let high = advice.high {
                view.set("adviceUplift", "\(Format.effect(uplift)) (\(Format.effect(low)) to \(Format.effect(high)))")
            }
        }
        if let standing {
            view.set(
                "standing",
                "\(Format.number(standing.centrality)) times as central as the average, rank "
                    + "\(Format.count(standing.rank)) of \(Format.count(standing.people)), "
                    + Format.plural(standing.ties, "tie"))
        }
        if !ties.isEmpty { view.set("network", chart(name).view) }
        view.set("practices", practices)
        view.set("moments", moments.map(\.sentence))
    }

    private func chart(_ name: String) -> Chart {
        NetworkChart.draw(
            title: "Ties", centre: name,
            ties: ties.map { tie in
                .init(
                    name: tie.hcp.name, weight: tie.asks + tie.asked, centrality: tie.centrality, isNear: tie.isNear,
                    cells: [
                        tie.hcp.specialty.map(Format.label) ?? "–", Format.count(Int(tie.referred)),
                        Format.count(Int(tie.received)), Format.count(Int(tie.sharedPatients)),
                        Format.count(tie.places), Format.count(tie.events), Format.number(tie.centrality),
                    ])
            },
            columns: [
                .init("Colleague"), .init("Specialty"), .init("Patients sent", number: true),
                .init("Patients received", number: true), .init("Patients shared", number: true),
                .init("Shared workplaces", number: true), .init("Small events", number: true),
                .init("Centrality", number: true),
            ])
    }
}
