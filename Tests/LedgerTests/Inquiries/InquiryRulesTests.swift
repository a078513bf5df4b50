import EngagementModel
import Testing

/// Who gets what: the rules against an oracle written the other way round, over every combination of what they read.
struct InquiryRulesTests {
    private static let safeties: [[InquiryFinding.Safety]] =
        [[], [.init(kind: .adverseEvent, isSerious: true), .init(kind: .deviceComplaint, isSerious: false)]]
        + SafetyKind.allCases.flatMap { kind in [false, true].map { [.init(kind: kind, isSerious: $0)] } }

    /// By queue: what must hold for it, in words of the requirement instead of the code's order.
    private static func oracle(_ finding: InquiryFinding, _ asked: InquiryAsk?, hasRep: Bool) -> InquiryQueue {
        let harm = finding.safety.contains { $0.kind == .adverseEvent || $0.kind == .specialSituation }
        let medical =
            harm || finding.isMedical || asked == .medical
            || [.dosing, .interaction, .contraindication, .clinicalData, .labelling].contains(finding.kind)
        let fault =
            finding.safety.contains { $0.kind == .deviceComplaint } || finding.kind == .technical
            || (finding.kind == .other && asked == .fault)
        let order =
            [.price, .order, .coverage, .delivery].contains(finding.kind) || (finding.kind == .other && asked == .order)
        let talk =
            [.training, .contactWish, .praise].contains(finding.kind) || (finding.kind == .other && asked == .visit)
        if medical { return .medical }
        if fault { return .service }
        if order { return .insideSales }
        if talk { return hasRep ? .rep : .insideSales }
        return .medical
    }

    @Test func everyCombinationGoesWhereTheOracleSays() {
        let rules = InquiryRules()
        var count = 0
        for kind in InquiryKind.allCases {
            for safety in Self.safeties {
                for isMedical in [false, true] {
                    for asked in [nil] + InquiryAsk.allCases.map(Optional.some) {
                        for urgency in InquiryUrgency.allCases {
                            for hasRep in [false, true] {
                                let finding = InquiryFinding(
                                    kind: kind, urgency: urgency, isMedical: isMedical, safety: safety, reader: "test")
                                let made = rules.decide(
                                    finding, asked: asked, InquiryRules.Facts(hasRep: hasRep))
                                #expect(
                                    made.queue == Self.oracle(finding, asked, hasRep: hasRep),
                                    "\(finding) \(asked as Any)")
                                // The firewall: what is medical lies with medical, and what lies elsewhere is not.
                                #expect(!made.isMedical || made.queue == .medical)
                                #expect(made.isMedical || !kind.isMedical)
                                #expect(made.due == rules.levels[made.queue]![urgency])
                                #expect(
                                    made.opensCase
                                        == (made.queue == .service
                                            || safety.contains { $0.kind == .deviceComplaint }))
                                count += 1
                            }
                        }
                    }
                }
            }
        }
        #expect(count == 14 * 8 * 2 * 6 * 3 * 2)
    }

    @Test func ownRoutesAreAskedInOrderAndNeverForMedical() {
        var rules = InquiryRules()
        rules.routes = [
            .init(kinds: [.price], countries: ["DE"], queue: .rep), .init(products: ["P3"], queue: .service),
            .init(queue: .insideSales),
        ]
        func queue(_ kind: InquiryKind, _ product: String? = nil, _ country: String? = nil) -> InquiryQueue {
            rules.decide(
                InquiryFinding(kind: kind, reader: "test"),
                InquiryRules.Facts(productID: product, country: country, hasRep: true)
            ).queue
        }
        #expect(queue(.price, nil, "DE") == .rep)
        #expect(queue(.price, "P3", "DE") == .rep)
        #expect(queue(.price, "P3", "FR") == .service)
        #expect(queue(.price, nil, nil) == .insideSales)
        #expect(queue(.dosing, "P3", "DE") == .medical)
        #expect(queue(.other) == .insideSales)
    }

    @Test func theMachinesHaveNoWayBackButTheOneThatIsMeant() {
        // A table written by hand: rows are states, columns actions.
        let table: [InquiryState: [InquiryAction: InquiryState]] = [
            .new: [.assign: .assigned, .handOver: .new, .answer: .answered, .close: .closed, .writeAgain: .new],
            .assigned: [
                .assign: .assigned, .release: .new, .handOver: .new, .answer: .answered, .close: .closed,
                .writeAgain: .assigned,
            ],
            .answered: [.close: .closed, .reopen: .new, .writeAgain: .new],
            .closed: [.reopen: .new, .writeAgain: .new],
        ]
        for state in InquiryState.allCases {
            for action in InquiryAction.allCases {
                #expect(action.next(after: state) == table[state]?[action], "\(action) after \(state)")
            }
        }
    }
}
