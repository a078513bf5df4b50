/// Why a delimited file cannot be read, and where.
struct CSVFault: Sendable {
    enum Kind: Sendable { case tooManyCells, tooFewCells, strayQuote, unclosedQuote, badEncoding, tooLong }
    var kind: Kind
    /// From the beginning of the file.
    var offset: Int
}

/// A range of whole rows of the file: where each cell ends, row by row.
///
/// Unchecked: `ends` is written by `scan` only, before the part is shared.
struct CSVPart: @unchecked Sendable {
    /// Of the first byte, from the beginning of the file; a row begins there.
    let offset: Int
    let length: Int
    let width: Int
    let delimiter: UInt8
    private(set) var rows = 0
    /// `rows × width` places of the delimiter or line end after each cell, from `offset`.
    let ends: UnsafeMutablePointer<UInt32>
    private(set) var fault: CSVFault?

    /// - Parameter lineEnds: at least the number of line ends in the range.
    init(offset: Int, length: Int, width: Int, delimiter: UInt8, lineEnds: Int) {
        self.offset = offset
        self.length = length
        self.width = width
        self.delimiter = delimiter
        ends = .allocate(capacity: (lineEnds + 1) * width)
        if length > Int(UInt32.max) { fault = CSVFault(kind: .tooLong, offset: offset) }
    }

    func deallocate() { ends.deallocate() }

    /// Finds every cell of the range; blank lines hold no row. Stops at the first fault.
    mutating func scan(_ file: UnsafePointer<UInt8>, hasQuotes: Bool) {
        guard fault == nil, length > 0 else { return }
        let base = file + offset
        var walk = Walk(width: width, ends: ends)
        let (separator, newline) = (ByteMasks.pattern(delimiter), ByteMasks.pattern(10))
        var inside: UInt64 = 0
        var at = 0
        let tail = UnsafeMutablePointer<UInt8>.allocate(capacity: 64)
        defer { tail.deallocate() }
        while at < length && walk.fault == nil {
            let count = min(64, length - at)
            let block = base + at
            var structure: UInt64
            let quotes: UInt64
            if count == 64 {
                structure = ByteMasks.either(block, separator, newline)
                quotes = hasQuotes ? ByteMasks.one(block, Self.quote) : 0
            } else {
                // The file may end with its last page: the rest of a block goes through a copy.
                tail.update(repeating: 0, count: 64)
                tail.update(from: block, count: count)
                structure = ByteMasks.either(tail, separator, newline)
                quotes = hasQuotes ? ByteMasks.one(tail, Self.quote) : 0
            }
            if quotes != 0 {
                if let place = strayQuote(quotes, inside != 0, base, at) {
                    // Rows before it may still be ragged, which is then the first fault.
                    structure &= (1 << UInt64(place - at)) &- 1
                    let parity = ByteMasks.prefixParity(quotes) ^ inside
                    walk.take(structure & ~parity, base, at)
                    if walk.fault == nil { walk.fault = (.strayQuote, place) }
                    break
                }
                let parity = ByteMasks.prefixParity(quotes) ^ inside
                structure &= ~parity
                inside = 0 &- (parity >> 63)
            } else {
                structure &= ~inside
            }
            walk.take(structure, base, at)
            at += 64
        }
        if walk.fault == nil && inside != 0 { walk.fault = (.unclosedQuote, walk.rowStart) }
        if walk.fault == nil && walk.rowStart < length { walk.endRow(at: length, base) }
        rows = walk.index / width
        if let (kind, place) = walk.fault { fault = CSVFault(kind: kind, offset: offset + place) }
    }

    private static let quote = ByteMasks.pattern(34)

    /// Place of the first quotation mark that stands where RFC 4180 allows none.
    private func strayQuote(
        _ quotes: UInt64, _ insideBefore: Bool, _ base: UnsafePointer<UInt8>, _ at: Int
    ) -> Int? {
        var inside = insideBefore
        var left = quotes
        while left != 0 {
            let place = at + left.trailingZeroBitCount
            left &= left - 1
            if inside {
                // A mark that closes, or the first of a pair that stands for one.
                let next = place + 1 < length ? base[place + 1] : 10
                if next != 34 && next != 10 && next != 13 && next != delimiter { return place }
            } else {
                let previous = place > 0 ? base[place - 1] : 10
                if previous != 34 && previous != 10 && previous != delimiter { return place }
            }
            inside.toggle()
        }
        return nil
    }

    /// Checks that text is UTF-8; remembers the first row that is not.
    mutating func checkEncoding(_ file: UnsafePointer<UInt8>) {
        let all = UnsafeBufferPointer(start: file + offset, count: length)
        if fault != nil || String(validating: all, as: UTF8.self) != nil { return }
        var start = 0
        for row in 0..<rows {
            let end = Int(ends[row * width + width - 1])
            if String(validating: UnsafeBufferPointer(rebasing: all[start..<end]), as: UTF8.self) == nil {
                fault = CSVFault(kind: .badEncoding, offset: offset + start)
                return
            }
            start = min(end + 1, length)
        }
        fault = CSVFault(kind: .badEncoding, offset: offset)
    }
}

/// The place that a scan has come to.
private struct Walk {
    let width: Int
    let ends: UnsafeMutablePointer<UInt32>
    /// Cells found so far, those of the unfinished row included.
    var index = 0
    var rowIndex = 0
    var rowStart = 0
    var fault: (CSVFault.Kind, Int)?

    @inline(__always) mutating func take(_ structure: UInt64, _ base: UnsafePointer<UInt8>, _ at: Int) {
        var left = structure
        while left != 0 {
            let place = at &+ left.trailingZeroBitCount
            left &= left &- 1
            if base[place] == 10 {
                endRow(at: place, base)
                if fault != nil { return }
            } else {
                if index &- rowIndex >= width &- 1 {
                    fault = (.tooManyCells, rowStart)
                    return
                }
                ends[index] = UInt32(truncatingIfNeeded: place)
                index &+= 1
            }
        }
    }

    @inline(__always) mutating func endRow(at place: Int, _ base: UnsafePointer<UInt8>) {
        let isBlank = place == rowStart || (place == rowStart &+ 1 && base[rowStart] == 13)
        if index &- rowIndex == width &- 1 && !isBlank {
            ends[index] = UInt32(truncatingIfNeeded: place)
            index &+= 1
            rowIndex = index
        } else if !(isBlank && index == rowIndex) {
            fault = (.tooFewCells, rowStart)
            return
        }
        rowStart = place &+ 1
    }
}
