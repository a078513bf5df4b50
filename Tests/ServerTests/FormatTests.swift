import EngagementModel
import Testing

@testable import Server

struct FormatTests {
    @Test func numbersReadLikePrint() {
        #expect(Format.count(1_234_567) == "1,234,567")
        #expect(Format.count(-42) == "−42")
        #expect(Format.number(0.05, digits: 1) == "0.1")
        #expect(Format.number(-0.04, digits: 1) == "0.0")
        #expect(Format.number(.nan) == "–")
        #expect(Format.number(1e300) == "–")
        #expect(Format.effect(0.834) == "+0.83")
        #expect(Format.effect(-12.34) == "−12.3")
        #expect(Format.effect(0.0001) == "≈ 0")
        #expect(Format.amount(12) == "12")
        #expect(Format.amount(2.5) == "2.50")
        #expect(Format.percent(0.0021) == "0.2 %")
        #expect(Format.percent(1) == "100 %")
        #expect(Format.money(-1240, "EUR") == "−€1,240")
        #expect(Format.money(3.5, "CHF") == "CHF 3.50")
        #expect(Format.minutes(130) == "2 h 10 min")
    }

    @Test func daysReadLikeSpeech() {
        let day = Day("2026-01-06")!
        #expect(Format.day(day) == "6 Jan 2026")
        #expect(Format.shortDay(day) == "Tue 6 Jan")
        #expect(Format.ago(day, from: day) == "today")
        #expect(Format.ago(day + 3, from: day) == "in 3 days")
        #expect(Format.ago(day + 398, from: day) == "in 13 months")
        #expect(Format.ago(day + 1135, from: day) == "in 3 years")
        #expect(Format.points(0.0241) == "+2.4 points" && Format.points(-0.0004) == "0.0 points")
        #expect(Format.rule("yearly_volume <= 242") == "yearly volume ≤ 242")
        #expect(Format.ago(day + -200, from: day) == "6 months ago")
        #expect(Format.time(1_767_344_400_000_000) == "2 Jan 2026, 09:00")
        #expect(Format.time(-60_000_000) == "31 Dec 1969, 23:59")
    }

    @Test func formsAreReadAsBrowsersSendThem() {
        let fields = FormFields("q=Klinik+S%C3%BCd&empty=&x=a%2Bb%26c&broken=%zz&lonely")
        #expect(fields["q"] == "Klinik Süd")
        #expect(fields["empty"] == nil)
        #expect(fields["x"] == "a+b&c")
        #expect(fields["broken"] == "%zz")
        #expect(fields["lonely"] == nil)
        #expect(FormFields(String(fields.query.dropFirst()))["x"] == "a+b&c")
        #expect(FormFields("bad=%ff")["bad"] == "\u{FFFD}")
    }

    @Test func onlyPathsOfThisServerAreFollowed() {
        #expect(LocalPath.checked("/today?day=2026-01-05") != nil)
        for bad in ["https://evil.example", "//evil.example", "/\\evil", "today", "", "/a\r\nSet-Cookie: x", "/ü"] {
            #expect(LocalPath.checked(bad) == nil, "\(bad)")
        }
    }

    @Test func pagesBeyondTheEndShowTheLastOne() {
        #expect(Paging(page: 99, size: 25, total: 30).range == 25..<30)
        #expect(Paging(page: -1, size: 25, total: 0).range == 0..<0)
        #expect(Paging(page: 1, size: 25, total: 25).pages == 1)
    }

    @Test func consentIsReadByRowAndRule() {
        let day = Day("2026-01-05")!
        func state(_ rows: [ConsentRow], _ rule: Strategy.ConsentRule?) -> ConsentBadge.State {
            ConsentBadge.promotional(.email, rows: rows, rule: rule, on: day).state
        }
        func row(_ status: ConsentStatus, until: Day? = nil, purpose: Purpose = .promotional) -> ConsentRow {
            ConsentRow(channel: .email, purpose: purpose, status: status, basis: .consent, expiresAt: until)
        }
        #expect(state([], .optIn) == .missing)
        #expect(state([], .notOptedOut) == .open)
        #expect(state([], nil) == .closed)
        #expect(state([row(.optIn)], .optIn) == .open)
        #expect(state([row(.optIn, until: day + -1)], .optIn) == .missing)
        #expect(state([row(.optOut)], .notOptedOut) == .closed)
        // An objection is absolute, whatever else is on record.
        #expect(state([row(.optIn), row(.objection)], .notOptedOut) == .closed)
        // Consent to another purpose opens nothing.
        #expect(state([row(.optIn, purpose: .service)], .optIn) == .missing)
    }

    @Test func whatIfFormsNameWhatTheyCannotRead() {
        var form = WhatIfForm(strategy: SnapshotFixture.strategy)
        form.read(FormFields("lever0=1.5&cap0=3&cost_email=abc&minutes_in_person=9999"))
        #expect(form.change.levers == ["P1 prescriptions": 1.5])
        #expect(form.change.capMax.isEmpty, "an unchanged field is no change")
        #expect(form.problems.count == 2)
        var wrong = WhatIfForm(strategy: SnapshotFixture.strategy)
        wrong.read(FormFields("cap0=2.5"))
        #expect(wrong.problems == ["Maximum of any 7d: a whole number is needed."])
    }

    @Test func aChangeIsMadeToACopyOfTheStrategy() {
        var change = WhatIfChange()
        change.levers = ["P1 prescriptions": 2]
        change.capMax = ["any 7d": 5]
        change.channelCost = [.email: 1]
        let changed = change.applied(to: SnapshotFixture.strategy)
        #expect(changed.objectives[0].lever == 2)
        #expect(changed.caps[0].max == 5)
        #expect(changed.channels[.email]?.cost == 1)
    }
}
