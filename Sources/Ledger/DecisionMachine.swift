package import EngagementModel

/// What someone, or a run, does to a decision.
package enum DecisionAction: Sendable, Hashable, Codable {
    /// A page showed it.
    case show
    case accept(note: String? = nil)
    case edit(DecisionEdit)
    case dismiss(cause: DismissalCause, note: String? = nil)
    /// Not before `until`.
    case snooze(until: Day, note: String? = nil)
    /// The touch happened.
    case execute(note: String? = nil)
    /// A newer plan took its place, or its day went by.
    case expire(ExpiryCause)

    var note: String? {
        switch self {
        case .accept(let note), .dismiss(_, let note), .snooze(_, let note), .execute(let note): note
        case .edit(let edit): edit.note
        case .show, .expire: nil
        }
    }
}

/// What a rep changes when accepting in another form; nil = as planned.
package struct DecisionEdit: Sendable, Hashable, Codable {
    package var day: Day?
    package var hour: Int?
    package var contentID: String?
    package var note: String?
    package init(day: Day? = nil, hour: Int? = nil, contentID: String? = nil, note: String? = nil) {
        self.day = day
        self.hour = hour
        self.contentID = contentID
        self.note = note
    }
}

package enum ExpiryCause: String, ClosedList, Codable {
    /// A newer run planned anew.
    case superseded
    /// Nobody acted and the day is over.
    case lapsed
}

/// Why an action on a decision is refused; the raw value is the diagnostic's code.
package enum DecisionRefusal: String, ClosedList {
    case alreadyExecuted = "already_executed"
    case expired
    case notATouch = "not_a_touch"
    case nothingToEdit = "nothing_to_edit"
    case badHour = "bad_hour"
    case dayPassed = "day_passed"
    /// Found by the ledger, not by the machine: another touch of the same HCP is due that day.
    case dayTaken = "day_taken"

    package var diagnostic: Diagnostic {
        switch self {
        case .alreadyExecuted: Diagnostic(rawValue, "This touch was already carried out.")
        case .expired:
            Diagnostic(rawValue, "A newer plan has replaced this decision.", remedy: "reload the list")
        case .notATouch: Diagnostic(rawValue, "This decision is to leave the HCP alone; there is nothing to act on.")
        case .nothingToEdit:
            Diagnostic(rawValue, "The edit changes nothing.", remedy: "accept it, or change day, hour or content")
        case .badHour: Diagnostic(rawValue, "An hour lies between 0 and 23.")
        case .dayPassed: Diagnostic(rawValue, "The day lies in the past.", remedy: "choose today or a later day")
        case .dayTaken:
            Diagnostic(
                rawValue, "Another touch of this HCP is planned for that day.", remedy: "choose another day")
        }
    }
}

/// The life of one decision as a value: it takes an action and answers with the state that follows, or a refusal.
/// The ledger performs the answer; nothing here reads or writes.
package struct DecisionMachine: Sendable, Hashable {
    package var status: DecisionStatus
    /// Day, hour and content as they stand after edits; no day = the choice *no touch*.
    package var day: Day?
    package var hour: Int?
    package var contentID: String?

    package init(status: DecisionStatus, day: Day?, hour: Int? = nil, contentID: String? = nil) {
        self.status = status
        self.day = day
        self.hour = hour
        self.contentID = contentID
    }

    package enum Answer: Sendable, Hashable {
        case changed(DecisionMachine)
        /// Legal, and already so: nothing to record.
        case unchanged
        case refused(DecisionRefusal)
    }

    /// - Parameter today: the actor's own day, when the caller knows it; days before it cannot be chosen.
    package func apply(_ action: DecisionAction, today: Day? = nil) -> Answer {
        guard let day else { return .refused(.notATouch) }
        switch action {
        case .show: return status == .planned ? to(.shown) : .unchanged
        case .expire(let cause): return expire(cause)
        case .execute: return status == .executed ? .refused(.alreadyExecuted) : to(.executed)
        case .accept, .edit, .dismiss, .snooze: break
        }
        // What follows is a person's choice; facts and newer plans stand against it.
        if status == .executed { return .refused(.alreadyExecuted) }
        if status == .expired { return .refused(.expired) }
        switch action {
        case .accept: return status == .accepted || status == .edited ? .unchanged : to(.accepted)
        case .edit(let edit): return apply(edit, today: today)
        case .snooze(let until, _):
            if let today, until < today { return .refused(.dayPassed) }
            var next = self
            next.day = max(day, until)
            return next.to(.snoozed)
        default: return to(.dismissed)
        }
    }

    private func apply(_ edit: DecisionEdit, today: Day?) -> Answer {
        var next = self
        if let day = edit.day {
            if let today, day < today { return .refused(.dayPassed) }
            next.day = day
        }
        if let hour = edit.hour {
            guard (0...23).contains(hour) else { return .refused(.badHour) }
            next.hour = hour
        }
        if let content = edit.contentID { next.contentID = content }
        return next == self ? .refused(.nothingToEdit) : next.to(.edited)
    }

    /// What a person took in hand stays: accepted, edited and dismissed never expire, a snoozed one only when its day
    /// is over.
    private func expire(_ cause: ExpiryCause) -> Answer {
        switch (status, cause) {
        case (.planned, _), (.shown, _), (.snoozed, .lapsed): to(.expired)
        default: .unchanged
        }
    }

    private func to(_ status: DecisionStatus) -> Answer {
        var next = self
        next.status = status
        return .changed(next)
    }
}
