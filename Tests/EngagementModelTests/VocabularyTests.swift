import EngagementModel
import Testing

@Suite struct VocabularyTests {
    @Test func theClosedListsAreThoseOfTheContract() {
        #expect(
            Channel.allCases.map(\.rawValue).joined(separator: ", ")
                == "in_person, video, phone, email_rep, email, sms, messaging, portal, webinar, event, ad, mail")
        #expect(
            Purpose.allCases.map(\.rawValue).joined(separator: ", ")
                == "promotional, educational, medical, service, safety, research")
        #expect(ResponseLevel.allCases.map(\.rawValue) == ["none", "reached", "engaged", "advanced"])
    }

    @Test func codesGoThereAndBack() {
        for channel in Channel.allCases { #expect(Channel(code: channel.code) == channel) }
        for refusal in Refusal.allCases { #expect(Refusal(code: refusal.code) == refusal) }
        #expect(Channel(code: 12) == nil)
    }

    @Test func onlySentDeliveredAndUncertainCountAgainstCaps() {
        #expect(TouchStatus.allCases.filter(\.countsAgainstCaps) == [.sent, .delivered, .uncertain])
    }

    @Test(arguments: [
        ("Approved for Distribution", MLRState.approvedForDistribution), ("approved_vod", .approvedForDistribution),
        ("APPROVED", .approvedForDistribution), ("In Review", .inReview), ("Withdrawn", .withdrawn),
        ("approved_for_production", .approvedForProduction), ("Expired__c", .expired),
    ])
    func vendorsSpellingsOfReviewStatesAreRead(_ text: String, _ state: MLRState) {
        #expect(MLRState(vendor: text) == state)
    }

    @Test func unknownReviewStatesAreNotGuessed() {
        #expect(MLRState(vendor: "almost approved") == nil)
        #expect(MLRState.allCases.filter(\.isSendable) == [.approvedForDistribution])
    }

    @Test func quietHoursMaySpanMidnight() {
        let night = Strategy.QuietHours(startMinute: 21 * 60, endMinute: 8 * 60)
        #expect(night.contains(minute: 23 * 60) && night.contains(minute: 0) && night.contains(minute: 479))
        #expect(!night.contains(minute: 480) && !night.contains(minute: 1259))
        let lunch = Strategy.QuietHours(startMinute: 720, endMinute: 780)
        #expect(lunch.contains(minute: 720) && !lunch.contains(minute: 780))
    }
}
