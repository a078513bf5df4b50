package import EngagementModel

/// One touch as the rules of `TouchRules` see it: numbers only, so that millions can be judged.
package struct RuledTouch: Sendable, Hashable {
    /// Day number, the recipient's.
    package var day: Int32
    /// `Channel.code`.
    package var channel: UInt8
    /// `Purpose.code`; `unknown` where the touch says none.
    package var purpose: UInt8
    /// Codes of product, sender and content, shared with the rules; −1 = none.
    package var product: Int32
    package var sender: Int32
    package var content: Int32

    package static let unknown: UInt8 = 255

    package init(
        day: Int32, channel: UInt8, purpose: UInt8 = unknown, product: Int32 = -1, sender: Int32 = -1,
        content: Int32 = -1
    ) {
        self.day = day
        self.channel = channel
        self.purpose = purpose
        self.product = product
        self.sender = sender
        self.content = content
    }
}

/// A cap or a gap that looks at more than the channel: the claim's contact rule in codes.
package struct TouchRule: Sendable, Hashable {
    package enum Limit: Sendable, Hashable {
        /// At most `max` touches in any window of so many days.
        case cap(max: Int, days: Int32)
        /// At least so many days from one touch to the next.
        case gap(days: Int32)
    }
    package var limit: Limit
    /// Bits of `Channel.code`.
    package var channels: UInt16
    /// Bits of `Purpose.code`; nil = every purpose. A touch of unknown purpose counts.
    package var purposes: UInt16?
    /// nil = every product, and touches without one.
    package var products: Set<Int32>?
    /// nil = every sender.
    package var senders: Set<Int32>?
    /// Counts only touches about the same product, by the same sender, or with the same content as the one in question.
    package var sameProduct: Bool
    package var sameSender: Bool
    package var sameContent: Bool

    package init(
        limit: Limit, channels: UInt16 = .max, purposes: UInt16? = nil, products: Set<Int32>? = nil,
        senders: Set<Int32>? = nil, sameProduct: Bool = false, sameSender: Bool = false, sameContent: Bool = false
    ) {
        self.limit = limit
        self.channels = channels
        self.purposes = purposes
        self.products = products
        self.senders = senders
        self.sameProduct = sameProduct
        self.sameSender = sameSender
        self.sameContent = sameContent
    }

    /// Days over which two touches can matter to each other.
    package var reach: Int32 {
        switch limit {
        case .cap(_, let days), .gap(let days): days
        }
    }

    /// The word of a refusal by this rule.
    package var refusal: Refusal {
        if case .cap = limit { .capReached } else { .gapTooShort }
    }

    /// Whether the rule speaks about a touch that somebody means to make.
    @inline(__always) package func governs(_ touch: RuledTouch) -> Bool {
        channels >> UInt16(touch.channel) & 1 == 1
            && (purposes.map { touch.purpose < 16 && $0 >> UInt16(touch.purpose) & 1 == 1 } ?? true)
            && (products?.contains(touch.product) ?? true) && (senders?.contains(touch.sender) ?? true)
            && (!sameProduct || touch.product >= 0) && (!sameContent || touch.content >= 0)
    }

    /// Whether another touch counts when the rule judges `touch`, which it governs.
    @inline(__always) package func counts(_ other: RuledTouch, for touch: RuledTouch) -> Bool {
        channels >> UInt16(other.channel) & 1 == 1
            && (purposes.map { other.purpose == RuledTouch.unknown || $0 >> UInt16(other.purpose) & 1 == 1 } ?? true)
            && (!sameProduct || other.product == touch.product) && (!sameSender || other.sender == touch.sender)
            && (!sameContent || other.content == touch.content) && (products?.contains(other.product) ?? true)
            && (senders?.contains(other.sender) ?? true)
    }

    /// Whether one more touch on a day keeps the rule beside touches on the given days.
    ///
    /// Two touches share a window of w days when they are fewer than w days apart; a gap of g days needs touches at
    /// least g days apart. Days after the one in question count as well.
    func admits(_ day: Int32, beside days: [Int32]) -> Bool {
        switch limit {
        case .gap(let span): return !days.contains { abs($0 - day) < span }
        case .cap(let limit, let width):
            guard days.count >= limit else { return true }
            func isFull(endingOn last: Int32) -> Bool {
                days.count { $0 > last - width && $0 <= last } >= limit
            }
            if isFull(endingOn: day) { return false }
            // Only touches after the day can make another window fuller; the fullest such windows end at one.
            for last in days where last > day && last < day + width && isFull(endingOn: last) { return false }
            return true
        }
    }
}
