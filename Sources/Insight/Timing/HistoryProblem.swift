/// A row that a method refuses, by its place; the command that read the file turns it into a line.
package struct HistoryProblem: Error, Sendable, Hashable {
    package var code: String
    package var message: String
    /// From 0, in the columns given; nil when the whole input is at fault.
    package var row: Int?
    package var remedy: String

    package init(_ code: String, _ message: String, row: Int? = nil, remedy: String) {
        self.code = code
        self.message = message
        self.row = row
        self.remedy = remedy
    }
}
