/// Why a rep said no to a recommendation: each cause teaches another part of the engine.
public enum DismissalCause: String, ClosedList, Codable {
    /// Teaches timing.
    case wrongTime = "wrong_time"
    /// Teaches content affinity.
    case wrongContent = "wrong_content"
    /// Teaches value for this HCP.
    case notRelevant = "not_relevant"
    /// Says something about the rep's day, nothing about the HCP.
    case noCapacity = "no_capacity"
    /// The touch happened outside of the systems.
    case alreadyDone = "already_done"
    /// The rep knows something that the data do not say; the note holds it.
    case knowBetter = "know_better"
    /// Another system reported a dismissal without a cause.
    case unstated

    /// The words that pages show.
    public var title: String {
        switch self {
        case .wrongTime: "Wrong time"
        case .wrongContent: "Wrong content"
        case .notRelevant: "Not relevant"
        case .noCapacity: "No capacity"
        case .alreadyDone: "Already done"
        case .knowBetter: "I know better"
        case .unstated: "No cause given"
        }
    }
}
