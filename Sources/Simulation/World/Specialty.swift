internal import EngagementModel

/// A specialty and what is typical of it: how common, which products, which channels it leans to.
struct Specialty: Sendable {
    let name: String
    /// Share among the HCPs of a pharma, medtech and mixed market.
    let shares: (pharma: Double, medtech: Double, mixed: Double)
    /// Products that it prescribes or uses: index in `Product.all`, median a month of a physician.
    let demand: [(product: Int, median: Double)]
    /// Shift of the latent preference (standard deviations) for in_person, video, phone, email_rep, sms.
    let lean: [Double]
    /// Shift of the affinity for efficacy, cost_coverage, science, education, product_news.
    let topics: [Float]

    /// The survey's seven first, then those that pharma adds.
    static let all: [Specialty] = [
        Specialty(
            "gastroenterology", (0.13, 0.14, 0.10), [(1, 9), (3, 7)], [0.0, 0.2, -0.1, 0.1, 0.0],
            [0.2, 0.0, 0.1, 0.0, -0.1]),
        Specialty(
            "general_dentistry", (0, 0.17, 0.11), [(3, 9)], [0.2, -0.2, 0.2, 0.0, 0.2], [-0.2, 0.2, -0.3, 0.2, 0.3]),
        Specialty(
            "general_surgery", (0.02, 0.15, 0.09), [(2, 6), (3, 7)], [0.3, -0.1, 0.0, -0.1, 0.0],
            [0.0, 0.0, 0.0, 0.3, 0.2]),
        Specialty(
            "interventional_cardiology", (0.07, 0.13, 0.06), [(3, 8), (0, 7)], [0.2, 0.1, -0.1, 0.0, 0.0],
            [0.2, -0.1, 0.3, 0.1, 0.0]),
        Specialty(
            "ophthalmology", (0.02, 0.13, 0.07), [(3, 9)], [0.1, 0.0, 0.0, 0.0, -0.1], [0.1, 0.0, 0.1, 0.1, 0.2]),
        Specialty(
            "orthopaedic_surgery", (0, 0.15, 0.08), [(2, 9)], [0.4, -0.2, 0.0, -0.2, 0.1], [0.0, -0.1, 0.0, 0.2, 0.4]),
        Specialty("radiology", (0, 0.13, 0.05), [(3, 8)], [-0.3, 0.3, -0.2, 0.2, -0.1], [0.1, 0.1, 0.2, 0.0, 0.1]),
        Specialty(
            "primary_care", (0.52, 0, 0.29), [(0, 5), (1, 3)], [-0.1, 0.0, 0.1, 0.0, 0.0], [0.1, 0.3, -0.3, 0.2, 0.0]),
        Specialty("cardiology", (0.14, 0, 0.09), [(0, 10)], [-0.1, 0.1, -0.1, 0.0, 0.0], [0.3, 0.0, 0.3, 0.0, -0.1]),
        Specialty(
            "endocrinology", (0.10, 0, 0.06), [(0, 12)], [-0.1, 0.2, -0.1, 0.1, -0.1], [0.3, 0.1, 0.3, 0.0, -0.1]),
    ]

    private init(
        _ name: String, _ shares: (Double, Double, Double), _ demand: [(Int, Double)], _ lean: [Double],
        _ topics: [Float]
    ) {
        self.name = name
        self.shares = shares
        self.demand = demand
        self.lean = lean
        self.topics = topics
    }

    func share(_ kind: MarketParameters.Kind) -> Double {
        switch kind {
        case .pharma: shares.pharma
        case .medtech: shares.medtech
        case .mixed: shares.mixed
        }
    }

    /// Demand among the products that the market sells.
    func demand(_ kind: MarketParameters.Kind) -> [(product: Int, median: Double)] {
        demand.filter { Product.all[$0.product].isSold(in: kind) }
    }
}

/// The preferred ways of being contacted by a representative, 2021 and beyond: survey of physicians in six
/// countries and seven specialties (November 2020, n = 876; several answers allowed). See `docs/simulation.md`.
enum PublishedPreference {
    static let channels: [Channel] = [.inPerson, .video, .phone, .emailRep, .sms]
    static let shares: [Double] = [0.49, 0.38, 0.33, 0.65, 0.11]
}
