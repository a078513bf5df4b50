#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// Keys that are bytes of a file, numbered in the order in which they were first met. Open addressing with linear
/// probing; nothing is copied, so the bytes must outlive it.
///
/// Unchecked: filled by one thread, then only read.
struct ByteDictionary: @unchecked Sendable {
    typealias Key = (start: UnsafePointer<UInt8>, count: Int)

    private(set) var keys: [(start: UnsafePointer<UInt8>, count: Int32, hash: UInt32)] = []
    /// Number of the key + 1; 0 where a slot is free.
    private var slots: [UInt32]
    private var mask: Int

    init(expecting count: Int = 16) {
        var size = 64
        while size < count * 2 { size *= 2 }
        slots = [UInt32](repeating: 0, count: size)
        mask = size - 1
        keys.reserveCapacity(min(count, size))
    }

    /// The number of a key, given a new one when it was not there.
    @inline(__always) mutating func insert(_ key: Key) -> Int32 { insert(key, Self.hash(key)) }

    @inline(__always) mutating func insert(_ key: Key, _ hash: UInt32) -> Int32 {
        var slot = Int(hash) & mask
        while true {
            let found = slots[slot]
            if found == 0 { break }
            if matches(Int(found) - 1, key, hash) { return Int32(truncatingIfNeeded: found) - 1 }
            slot = (slot + 1) & mask
        }
        keys.append((key.start, Int32(truncatingIfNeeded: key.count), hash))
        slots[slot] = UInt32(truncatingIfNeeded: keys.count)
        if keys.count * 2 > slots.count { grow() }
        return Int32(truncatingIfNeeded: keys.count - 1)
    }

    /// The number of a key, -1 when it is not there.
    @inline(__always) func find(_ key: Key) -> Int32 {
        let hash = Self.hash(key)
        var slot = Int(hash) & mask
        while true {
            let found = slots[slot]
            if found == 0 { return -1 }
            if matches(Int(found) - 1, key, hash) { return Int32(truncatingIfNeeded: found) - 1 }
            slot = (slot + 1) & mask
        }
    }

    /// Whether key number `index` is these bytes.
    @inline(__always) func matches(_ index: Int, _ key: Key, _ hash: UInt32) -> Bool {
        let known = keys[index]
        return known.hash == hash && Int(known.count) == key.count && memcmp(known.start, key.start, key.count) == 0
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        mask = slots.count - 1
        for (index, key) in keys.enumerated() {
            var slot = Int(key.hash) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(truncatingIfNeeded: index + 1)
        }
    }

    func text(_ index: Int) -> String {
        String(decoding: UnsafeBufferPointer(start: keys[index].start, count: Int(keys[index].count)), as: UTF8.self)
    }

    static func hash(of text: String) -> UInt32 {
        var text = text
        return text.withUTF8 { bytes in
            // Empty text has no address; nothing is read at the one that stands in.
            withUnsafePointer(to: 0 as UInt8) { hash((bytes.baseAddress ?? $0, bytes.count)) }
        }
    }

    /// Multiply and fold, eight bytes at a time; overlapping loads for the rest, so that nothing outside is read.
    ///
    /// Source: Wang Yi, "wyhash" (2019), simplified; the order of keys never depends on it.
    @inline(__always) static func hash(_ key: Key) -> UInt32 {
        let raw = UnsafeRawPointer(key.start)
        let count = key.count
        // The length goes into all bits: a low bit of it could cancel a low bit of the text.
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15 &* UInt64(truncatingIfNeeded: count &+ 1)
        @inline(__always) func word(_ at: Int) -> UInt64 { raw.loadUnaligned(fromByteOffset: at, as: UInt64.self) }
        @inline(__always) func half(_ at: Int) -> UInt64 {
            UInt64(raw.loadUnaligned(fromByteOffset: at, as: UInt32.self))
        }
        @inline(__always) func fold(_ value: UInt64) {
            let product = (state ^ value).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
            state = product.high ^ product.low
        }
        if count >= 8 {
            var at = 0
            while at + 8 < count {
                fold(word(at))
                at += 8
            }
            fold(word(count - 8))
        } else if count >= 4 {
            fold(half(0) << 32 | half(count - 4))
        } else if count > 0 {
            fold(UInt64(key.start[0]) << 16 | UInt64(key.start[count / 2]) << 8 | UInt64(key.start[count - 1]))
        }
        return UInt32(truncatingIfNeeded: state ^ (state >> 32))
    }
}

/// Bytes that stand in no file, such as the inside of a cell with doubled quotation marks.
///
/// Unchecked: filled by one thread, then only read.
final class BytePool: @unchecked Sendable {
    private var blocks: [UnsafeMutablePointer<UInt8>] = []

    func keep(_ bytes: [UInt8]) -> ByteDictionary.Key {
        let block = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, bytes.count))
        for (index, byte) in bytes.enumerated() { block[index] = byte }
        blocks.append(block)
        return (UnsafePointer(block), bytes.count)
    }

    deinit { for block in blocks { block.deallocate() } }
}
