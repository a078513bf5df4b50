internal import Journeys

extension JourneyFiles {
    /// Names of the journeys that send a content, by content id.
    package var journeysOfContent: [String: [String]] {
        var uses: [String: [String]] = [:]
        for journey in journeys {
            var contents: Set<String> = []
            for case .message(let message) in journey.nodes.values.map(\.action) { contents.insert(message.contentID) }
            for content in contents { uses[content, default: []].append(journey.id) }
        }
        return uses.mapValues { $0.sorted() }
    }
}
