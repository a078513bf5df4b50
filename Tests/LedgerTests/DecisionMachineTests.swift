import EngagementModel
import Testing

@testable import Ledger

@Suite struct DecisionMachineTests {
    private func state(_ status: DecisionStatus) -> DecisionMachine {
        DecisionMachine(status: status, day: monday, hour: 9, contentID: "c")
    }

    private func status(_ status: DecisionStatus, _ action: DecisionAction) -> String {
        switch state(status).apply(action, today: monday) {
        case .changed(let next): next.status.rawValue
        case .unchanged: "-"
        case .refused(let refusal): "!\(refusal.rawValue)"
        }
    }

    /// The whole table: a row per status in the order of the closed list.
    @Test func everyTransitionIsAsDeclared() {
        let table: [(DecisionAction, [String])] = [
            (.show, ["shown", "-", "-", "-", "-", "-", "-", "-"]),
            (
                .accept(),
                ["accepted", "accepted", "-", "-", "accepted", "accepted", "!already_executed", "!expired"]
            ),
            (
                .edit(DecisionEdit(hour: 11)),
                ["edited", "edited", "edited", "edited", "edited", "edited", "!already_executed", "!expired"]
            ),
            (
                .dismiss(cause: .notRelevant),
                [
                    "dismissed", "dismissed", "dismissed", "dismissed", "dismissed", "dismissed", "!already_executed",
                    "!expired",
                ]
            ),
            (
                .snooze(until: monday + 2),
                [
                    "snoozed", "snoozed", "snoozed", "snoozed", "snoozed", "snoozed", "!already_executed", "!expired",
                ]
            ),
            (
                .execute(),
                [
                    "executed", "executed", "executed", "executed", "executed", "executed", "!already_executed",
                    "executed",
                ]
            ),
            (.expire(.superseded), ["expired", "expired", "-", "-", "-", "-", "-", "-"]),
            (.expire(.lapsed), ["expired", "expired", "-", "-", "-", "expired", "-", "-"]),
        ]
        for (action, expected) in table {
            #expect(DecisionStatus.allCases.map { status($0, action) } == expected, "\(action)")
        }
    }

    @Test func noTouchTakesNoAction() {
        let idle = DecisionMachine(status: .planned, day: nil)
        for action: DecisionAction in [.show, .accept(), .execute(), .expire(.lapsed), .snooze(until: monday)] {
            #expect(idle.apply(action) == .refused(.notATouch))
        }
    }

    @Test func anEditMustChangeSomethingSensible() {
        let planned = state(.planned)
        func refusal(_ edit: DecisionEdit) -> DecisionMachine.Answer { planned.apply(.edit(edit), today: monday) }
        #expect(refusal(DecisionEdit()) == .refused(.nothingToEdit))
        #expect(refusal(DecisionEdit(day: monday, hour: 9, contentID: "c")) == .refused(.nothingToEdit))
        #expect(refusal(DecisionEdit(hour: 24)) == .refused(.badHour))
        #expect(refusal(DecisionEdit(hour: -1)) == .refused(.badHour))
        #expect(refusal(DecisionEdit(day: monday + -1)) == .refused(.dayPassed))
        let edit = DecisionEdit(day: monday + 1, hour: 0, contentID: "d")
        #expect(
            refusal(edit)
                == .changed(DecisionMachine(status: .edited, day: monday + 1, hour: 0, contentID: "d")))
    }

    @Test func aSnoozeMovesTheDayForwardOnly() {
        guard case .changed(let later) = state(.shown).apply(.snooze(until: monday + 3)),
            case .changed(let same) = state(.shown).apply(.snooze(until: monday + -3))
        else {
            Issue.record("a snooze of a shown decision is legal")
            return
        }
        #expect(later.day == monday + 3)
        #expect(same.day == monday)
        #expect(state(.shown).apply(.snooze(until: monday + -1), today: monday) == .refused(.dayPassed))
    }
}
