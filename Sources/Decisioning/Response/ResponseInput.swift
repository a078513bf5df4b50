package import EngagementModel

/// Bits of `TouchColumns.flags`.
package enum TouchFlag {
    /// The HCP came to the company: a signal of interest, never a trial of an action.
    package static let pull: UInt8 = 1
    /// The outcome may never be known (status uncertain): counts as a touch, never as success or failure.
    package static let pending: UInt8 = 2
    /// The answer is known before its window closes (an outcome reported live); never set in what the model learns.
    package static let known: UInt8 = 4
}

/// Touches as columns, sorted by (hcp, time); children, failed, planned and medical rows are left out by the caller.
package struct TouchColumns: Sendable {
    /// Dense number of the HCP.
    package var hcp: [Int32]
    /// Microseconds since 1970, UTC.
    package var time: [Int64]
    /// `Channel.code`.
    package var channel: [UInt8]
    /// `ResponseLevel.code`, machine opens not counted.
    package var level: [UInt8]
    package var flags: [UInt8]
    /// Position in `ContentColumns`, −1 = none.
    package var content: [Int32]
    /// Position in `ResponseInput.reps`, −1 = none.
    package var rep: [Int32]
    /// Position in the caller's product list, −1 = none.
    package var product: [Int32]

    /// Columns that are left out are filled with "none".
    package init(
        hcp: [Int32], time: [Int64], channel: [UInt8], level: [UInt8], flags: [UInt8]? = nil,
        content: [Int32]? = nil, rep: [Int32]? = nil, product: [Int32]? = nil
    ) {
        let none = [Int32](repeating: -1, count: hcp.count)
        self.hcp = hcp
        self.time = time
        self.channel = channel
        self.level = level
        self.flags = flags ?? [UInt8](repeating: 0, count: hcp.count)
        self.content = content ?? none
        self.rep = rep ?? none
        self.product = product ?? none
    }

    package var count: Int { hcp.count }
}

/// What is known of each HCP apart from the history of touches; row = dense HCP number.
package struct HCPColumns: Sendable {
    package var specialty: [Int32]
    package var specialtyNames: [String]
    /// Volume decile 1...10 (10 high), 0 none.
    package var decile: [UInt8]
    /// `Access.code`; 255 = unknown.
    package var access: [UInt8]
    package var country: [Int32]
    package var countryNames: [String]
    package var utcOffsetMinutes: [Int16]
    /// The promotional rep in charge (position in `ResponseInput.reps`), −1 = none.
    package var rep: [Int32]

    package init(
        specialty: [Int32], specialtyNames: [String], decile: [UInt8]? = nil, access: [UInt8]? = nil,
        country: [Int32]? = nil, countryNames: [String] = [], utcOffsetMinutes: [Int16]? = nil, rep: [Int32]? = nil
    ) {
        let n = specialty.count
        self.specialty = specialty
        self.specialtyNames = specialtyNames
        self.decile = decile ?? [UInt8](repeating: 0, count: n)
        self.access = access ?? [UInt8](repeating: 255, count: n)
        self.country = country ?? [Int32](repeating: -1, count: n)
        self.countryNames = countryNames
        self.utcOffsetMinutes = utcOffsetMinutes ?? [Int16](repeating: 0, count: n)
        self.rep = rep ?? [Int32](repeating: -1, count: n)
    }

    package var count: Int { specialty.count }
}

/// Contents by position: topic and format are positions in the names, −1 = none.
package struct ContentColumns: Sendable {
    package var ids: [String]
    package var topic: [Int32]
    package var topicNames: [String]
    package var format: [Int32]
    package var formatNames: [String]

    package init(
        ids: [String] = [], topic: [Int32] = [], topicNames: [String] = [], format: [Int32] = [],
        formatNames: [String] = []
    ) {
        self.ids = ids
        self.topic = topic
        self.topicNames = topicNames
        self.format = format
        self.formatNames = formatNames
    }
}

/// Everything that the response model reads.
package struct ResponseInput: Sendable {
    package var touches: TouchColumns
    package var hcps: HCPColumns
    package var contents: ContentColumns
    package var reps: [String]
    /// End of the as-of day, microseconds since 1970 UTC; later rows are never looked at.
    package var asOf: Int64
    /// First touch of each HCP, and the count of touches at the end.
    let starts: [Int]

    /// - Throws: `Diagnostic` `touches_unsorted` when rows are not sorted by (hcp, time) or name an unknown HCP,
    ///   `columns_invalid` when a code lies outside its list.
    package init(
        touches: TouchColumns, hcps: HCPColumns, contents: ContentColumns = ContentColumns(), reps: [String] = [],
        asOf: Int64
    ) throws(Diagnostic) {
        guard Self.areWithin(touches.channel, 0..<FeatureLayout.channels),
            Self.areWithin(touches.content, -1..<contents.ids.count), Self.areWithin(touches.rep, -1..<reps.count),
            Self.areWithin(hcps.specialty, -1..<hcps.specialtyNames.count),
            Self.areWithin(hcps.country, -1..<hcps.countryNames.count), Self.areWithin(hcps.rep, -1..<reps.count),
            Self.areWithin(contents.topic, -1..<contents.topicNames.count),
            Self.areWithin(contents.format, -1..<contents.formatNames.count)
        else { throw Diagnostic("columns_invalid", "a column of the response model holds a code outside its list") }
        self.touches = touches
        self.hcps = hcps
        self.contents = contents
        self.reps = reps
        self.asOf = asOf
        var starts = [Int](repeating: touches.count, count: hcps.count + 1)
        var filled = 0
        for row in 0..<touches.count {
            let hcp = Int(touches.hcp[row])
            let inOrder =
                row == 0 || touches.hcp[row - 1] < touches.hcp[row]
                || (touches.hcp[row - 1] == touches.hcp[row] && touches.time[row - 1] <= touches.time[row])
            guard inOrder, hcp >= 0, hcp < hcps.count else {
                throw Diagnostic("touches_unsorted", "touch \(row) is out of order or names an unknown HCP")
            }
            while filled <= hcp {
                starts[filled] = row
                filled += 1
            }
        }
        self.starts = starts
    }

    private static func areWithin(_ column: [some FixedWidthInteger], _ range: Range<Int>) -> Bool {
        column.allSatisfy { range.contains(Int($0)) }
    }
}

/// One action as the response model sees it.
package struct ResponseAction: Sendable, Hashable {
    package var channel: Channel
    /// Position in `ContentColumns`, nil = none.
    package var content: Int?

    package init(channel: Channel, content: Int? = nil) {
        self.channel = channel
        self.content = content
    }
}
