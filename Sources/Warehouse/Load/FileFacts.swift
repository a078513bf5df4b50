import EngagementModel

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What one pass over the bytes of a file tells; it decides how the file is read.
package struct FileFacts: Sendable, Hashable {
    package var bytes = 0
    /// XXH64 over the whole content.
    package var hash: UInt64 = 0
    package var hasNUL = false
    package var hasQuote = false
    /// A line feed that no carriage return precedes.
    package var hasBareLineFeed = false
    /// A carriage return that no line feed follows.
    package var hasLoneReturn = false
    package var hasPair = false
    /// A cell may begin like a formula of a spreadsheet.
    package var mayHoldFormulas = false
    package var longestLine = 0
    /// The beginning, enough for the header and for guessing the encoding.
    package var beginning: [UInt8] = []

    /// Whether line ends of different kinds occur, perhaps only inside quoted cells.
    package var mixesLineEnds: Bool {
        (hasBareLineFeed ? 1 : 0) + (hasLoneReturn ? 1 : 0) + (hasPair ? 1 : 0) > 1
    }

    private static let chunk = 1 << 20
    private static let kept = 1 << 18

    /// Reads the file once, in chunks; memory does not grow with it.
    package init(path: String, delimiter: UInt8) throws {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else {
            throw Diagnostic(
                "file_unreadable", "cannot open the file: \(String(cString: strerror(errno)))", file: path)
        }
        defer { close(descriptor) }
        // One byte before the chunk, so that every byte has a predecessor; 16 behind, so that vectors may overrun.
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: 1 + Self.chunk + 16)
        memory.initialize(repeating: 32, count: 1 + Self.chunk + 16)
        defer { memory.deallocate() }
        let data = memory + 1
        memory[0] = 10
        var hasher = XXH64()
        var marks = ByteMarks()
        var line = 0
        var filled = 0
        var lastByte: UInt8 = 10
        while true {
            let got = read(descriptor, data + filled, Self.chunk - filled)
            guard got >= 0 else {
                throw Diagnostic(
                    "file_unreadable", "cannot read the file: \(String(cString: strerror(errno)))", file: path)
            }
            filled += got
            guard got == 0 || filled == Self.chunk else { continue }
            for place in filled..<filled + 16 { data[place] = 32 }
            hasher.update(data, filled, last: got == 0)
            marks.update(data, filled, delimiter: delimiter)
            line = measureLines(data, filled, current: line)
            if beginning.count < Self.kept {
                beginning.append(
                    contentsOf: UnsafeBufferPointer(start: data, count: min(filled, Self.kept - beginning.count)))
            }
            bytes += filled
            if filled > 0 { lastByte = data[filled - 1] }
            if got == 0 { break }
            memory[0] = lastByte
            filled = 0
        }
        longestLine = max(longestLine, line)
        hash = hasher.value
        hasNUL = marks.nul != 0
        hasQuote = marks.quote != 0
        hasBareLineFeed = marks.bareFeed != 0
        hasLoneReturn = marks.loneReturn != 0 || lastByte == 13
        hasPair = marks.pair != 0
        mayHoldFormulas = marks.formula != 0
    }

    /// Longest line so far; returns the length of the unfinished one.
    private mutating func measureLines(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, current: Int) -> Int {
        var start = 0
        var carried = current
        while start < count, let found = memchr(data + start, 10, count - start) {
            let end = UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - UnsafePointer(data)
            longestLine = max(longestLine, carried + end - start)
            carried = 0
            start = end + 1
        }
        return carried + count - start
    }
}

/// Which kinds of bytes occurred, eight at a time in one word ("SWAR"): the top bit of a byte marks a hit.
private struct ByteMarks {
    private(set) var nul: UInt64 = 0
    private(set) var quote: UInt64 = 0
    private(set) var bareFeed: UInt64 = 0
    private(set) var loneReturn: UInt64 = 0
    private(set) var pair: UInt64 = 0
    private(set) var formula: UInt64 = 0

    @inline(__always) private static func spread(_ byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }

    /// The top bit of every byte that equals the pattern's; exact, no carry crosses bytes.
    @inline(__always) private static func hits(_ word: UInt64, _ pattern: UInt64) -> UInt64 {
        let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        let x = word ^ pattern
        return ~(((x & low) &+ low) | x | low)
    }

    /// `data[-1]` is the byte before; the bytes behind `count` are blanks.
    mutating func update(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, delimiter: UInt8) {
        let raw = UnsafeRawPointer(data)
        let separator = Self.spread(delimiter)
        let (feed, back, mark) = (Self.spread(10), Self.spread(13), Self.spread(34))
        let (equals, plus, minus, at) = (Self.spread(61), Self.spread(43), Self.spread(45), Self.spread(64))
        var (nul, quote, bareFeed) = (self.nul, self.quote, self.bareFeed)
        var (loneReturn, pair, formula) = (self.loneReturn, self.pair, self.formula)
        var place = 0
        while place < count {
            let now = raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            let before = raw.loadUnaligned(fromByteOffset: place - 1, as: UInt64.self)
            nul |= Self.hits(now, 0)
            quote |= Self.hits(now, mark)
            let feeds = Self.hits(now, feed)
            let afterReturn = Self.hits(before, back)
            bareFeed |= feeds & ~afterReturn
            pair |= feeds & afterReturn
            loneReturn |= afterReturn & ~feeds
            let begins = Self.hits(before, separator) | Self.hits(before, mark) | Self.hits(before, feed)
            let signs = Self.hits(now, equals) | Self.hits(now, plus) | Self.hits(now, minus) | Self.hits(now, at)
            formula |= begins & signs
            place += 8
        }
        (self.nul, self.quote, self.bareFeed) = (nul, quote, bareFeed)
        (self.loneReturn, self.pair, self.formula) = (loneReturn, pair, formula)
    }
}

/// The XXH64 hash of Yann Collet (github.com/Cyan4973/xxHash, specification 0.1.1), seed 0, over chunks.
struct XXH64 {
    private static let p1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let p2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let p3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let p4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let p5: UInt64 = 0x27D4_EB2F_1656_67C5
    private var lanes = (p1 &+ p2, p2, UInt64(0), 0 &- p1)
    private var total: UInt64 = 0
    private(set) var value: UInt64 = 0

    /// Every chunk but the last holds a multiple of 32 bytes.
    mutating func update(_ data: UnsafeMutablePointer<UInt8>, _ count: Int, last: Bool) {
        let raw = UnsafeRawPointer(data)
        func word(_ place: Int) -> UInt64 { raw.loadUnaligned(fromByteOffset: place, as: UInt64.self) }
        total &+= UInt64(count)
        var place = 0
        while place + 32 <= count {
            lanes.0 = Self.round(lanes.0, word(place))
            lanes.1 = Self.round(lanes.1, word(place + 8))
            lanes.2 = Self.round(lanes.2, word(place + 16))
            lanes.3 = Self.round(lanes.3, word(place + 24))
            place += 32
        }
        guard last else { return }
        var h: UInt64
        if total >= 32 {
            h = Self.turn(lanes.0, 1) &+ Self.turn(lanes.1, 7) &+ Self.turn(lanes.2, 12) &+ Self.turn(lanes.3, 18)
            for lane in [lanes.0, lanes.1, lanes.2, lanes.3] { h = (h ^ Self.round(0, lane)) &* Self.p1 &+ Self.p4 }
        } else {
            h = Self.p5
        }
        h = h &+ total
        while place + 8 <= count {
            h = Self.turn(h ^ Self.round(0, word(place)), 27) &* Self.p1 &+ Self.p4
            place += 8
        }
        if place + 4 <= count {
            let half = UInt64(raw.loadUnaligned(fromByteOffset: place, as: UInt32.self))
            h = Self.turn(h ^ (half &* Self.p1), 23) &* Self.p2 &+ Self.p3
            place += 4
        }
        while place < count {
            h = Self.turn(h ^ (UInt64(data[place]) &* Self.p5), 11) &* Self.p1
            place += 1
        }
        h = (h ^ (h >> 33)) &* Self.p2
        h = (h ^ (h >> 29)) &* Self.p3
        value = h ^ (h >> 32)
    }

    @inline(__always) private static func turn(_ v: UInt64, _ n: UInt64) -> UInt64 { (v << n) | (v >> (64 - n)) }
    @inline(__always) private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
        turn(lane &+ input &* p2, 31) &* p1
    }

    static func hash(_ text: String) -> UInt64 {
        var hasher = XXH64()
        var bytes = Array(text.utf8)
        bytes.withUnsafeMutableBufferPointer { buffer in
            if let base = buffer.baseAddress { hasher.update(base, buffer.count, last: true) }
        }
        return hasher.value
    }
}
