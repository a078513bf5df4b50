import Foundation

/// Whole units of time in microseconds.
enum Microseconds {
    static let minute: Int64 = 60_000_000
    static let hour: Int64 = 3_600_000_000
    static let day: Int64 = 86_400_000_000

    /// Whole units before `time`, rounded down on both sides of 1970.
    @inline(__always) static func floor(_ time: Int64, _ unit: Int64) -> Int64 {
        time >= 0 ? time / unit : -((unit - 1 - time) / unit)
    }
}

/// What is remembered of one HCP on one channel.
struct ChannelState {
    /// Day of the last touch; −1 = never.
    var lastDay: Int32 = -1
    /// Touches, decayed over 30, 90 and 365 days, as of `lastDay`.
    var frequency30: Float = 0
    var frequency90: Float = 0
    var frequency365: Float = 0
    /// Answers whose window has closed, decayed over a year, as of `closedDay`.
    var closedDay: Int32 = 0
    var closed: Float = 0
    var reached: Float = 0
    var engaged: Float = 0
    /// The last eight closed touches, newest in the lowest bit.
    var reachedBits: UInt8 = 0
    var engagedBits: UInt8 = 0
    var closedCount: UInt8 = 0
}

/// Surplus of engagement on one topic over what the channel would give, as of `day`.
struct TopicState {
    var day: Int32 = 0
    var shown: Float = 0
    var surplus: Float = 0
}

/// Active features of one example: index into the weights and value.
struct FeatureBuffer {
    static let capacity = 40
    let index: UnsafeMutablePointer<Int32>
    let value: UnsafeMutablePointer<Float>
    var count = 0

    init() {
        index = .allocate(capacity: Self.capacity)
        value = .allocate(capacity: Self.capacity)
    }

    func deallocate() {
        index.deallocate()
        value.deallocate()
    }

    @inline(__always) mutating func add(_ i: Int, _ x: Float = 1) {
        index[count] = Int32(truncatingIfNeeded: i)
        value[count] = x
        count += 1
    }
}

/// Decay by whole days, as a table: entry d is e^(−d/τ).
struct Decay: Sendable {
    private static let length = 2048
    private let table: [Float]

    init(days tau: Double) { table = (0..<Self.length).map { Float(exp(-Double($0) / tau)) } }

    /// Time never runs backwards: negative spans count as none.
    @inline(__always) func callAsFunction(_ days: Int32) -> Float {
        table[min(max(Int(days), 0), Self.length - 1)]
    }
}

/// The columns that the fold reads, and the constants that define its features.
///
/// Base rates are part of the definition of the features: a model learns them once and keeps them.
final class FoldColumns: Sendable {
    let starts: [Int]
    let touches: TouchColumns
    let hcps: HCPColumns
    let names: Translation
    let asOf: Int64
    let baseReach: [Float]
    let baseEngage: [Float]
    let window: [Int64]
    let decay30 = Decay(days: 30)
    let decay90 = Decay(days: 90)
    let decay365 = Decay(days: 365)

    init(_ input: ResponseInput, _ names: Translation, baseReach: [Float], baseEngage: [Float]) {
        starts = input.starts
        touches = input.touches
        hcps = input.hcps
        asOf = input.asOf
        self.names = names
        self.baseReach = baseReach
        self.baseEngage = baseEngage
        window = ColdStart.windowDays.map { $0 * Microseconds.day }
    }

    var hcpCount: Int { hcps.count }

    /// When the answer to a touch is final: at the end of the channel's window, or at once when it is known already.
    @inline(__always) func closes(_ row: Int) -> Int64 {
        touches.flags[row] & TouchFlag.known != 0
            ? touches.time[row] : touches.time[row] + window[Int(touches.channel[row])]
    }

    /// Whether a touch is a trial of an action whose outcome will be known.
    @inline(__always) func isTrial(_ row: Int) -> Bool {
        touches.flags[row] & (TouchFlag.pull | TouchFlag.pending) == 0
    }
}
