package import EngagementModel

/// Who has to agree: all of them, each a person of their own.
package enum ReviewDiscipline: String, ClosedList, Codable {
    case medical, legal, regulatory

    package var title: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
}

/// What a signature says; shown with every signature.
package enum SignatureMeaning: String, ClosedList, Codable {
    /// The words are right: three of these approve a part for production.
    case approve
    /// The final form is as approved: one of these, after the three, releases a part for distribution.
    case release

    package func sentence(_ discipline: ReviewDiscipline) -> String {
        switch self {
        case .approve: "Approved for production (\(discipline.rawValue) review)"
        case .release: "Final form checked, released for distribution (\(discipline.rawValue) review)"
        }
    }
}

package enum ReviewAction: Sendable, Hashable {
    case submit
    case sign(ReviewDiscipline, SignatureMeaning)
    case reject
    case withdraw
    /// Its last day is over.
    case expire
    /// A newer version was released.
    case supersede
}

/// The review of one version of one part as a value: it takes an action and answers with the state that follows, or nil.
///
/// Draft → in review → approved for production → approved for distribution; back to draft by a rejection; out of use by
/// withdrawal, expiry or a newer version. What expired may be submitted again; what was withdrawn or replaced may not.
/// Triggers of the schema hold the same rules against whatever program writes.
package struct ReviewMachine: Sendable, Hashable {
    package var state: MLRState
    /// Disciplines that have approved in this round.
    package var approved: Set<ReviewDiscipline>

    package init(state: MLRState = .draft, approved: Set<ReviewDiscipline> = []) {
        self.state = state
        self.approved = approved
    }

    /// The state that follows; nil when the action has no place in this state, and nothing has changed then.
    @discardableResult
    package mutating func apply(_ action: ReviewAction) -> MLRState? {
        guard let next = next(action) else { return nil }
        switch action {
        case .submit, .reject: approved = []
        case .sign(let discipline, .approve): approved.insert(discipline)
        default: break
        }
        state = next
        return next
    }

    private func next(_ action: ReviewAction) -> MLRState? {
        switch (action, state) {
        case (.submit, .draft), (.submit, .expired): .inReview
        case (.sign(let discipline, .approve), .inReview) where !approved.contains(discipline):
            approved.count + 1 == ReviewDiscipline.allCases.count ? .approvedForProduction : .inReview
        case (.sign(_, .release), .approvedForProduction): .approvedForDistribution
        case (.reject, .inReview), (.reject, .approvedForProduction): .draft
        case (.withdraw, .inReview), (.withdraw, .approvedForProduction), (.withdraw, .approvedForDistribution),
            (.withdraw, .expired):
            .withdrawn
        case (.expire, .approvedForProduction), (.expire, .approvedForDistribution): .expired
        case (.supersede, .inReview), (.supersede, .approvedForProduction), (.supersede, .approvedForDistribution),
            (.supersede, .expired):
            .superseded
        default: nil
        }
    }
}
