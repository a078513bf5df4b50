import Foundation
import Ledger
import Testing

@testable import Server

/// gzip bodies as zlib packs them, and bodies that only look like it.
@Suite struct GunzipTests {
    /// 60 events, dynamic codes; packed by Python's gzip at level 9.
    private static let dynamic = bytes(
        """
        H4sIAAAAAAACA5XVTUoEMRCG4btk7aJTlcqPN/AYMmYliIw9ggze3d5+Lb6YZeAjVNdTlb6n/et9pse0X58vr+khzc/5th/nuR2H28e8
        Pr0cp9uWvu9/RrNEM0VNooWiLtFB0aIFVMqGZC0oWyXreG/TL8N6u2QrtmFItmN3s6I5ZlXNsIh8cmsYVrlmGFY7zqqdcy8Ur/LNqjdw
        KrLyObdZ/RoukqlfxppNAQPLMAUcOMqmgAVHwxRw8PqrYOGaVXBwGSoY3GcV7JhVwIqj4QpouCeugB3LcAUMfjoV0HCOXAE7vlyugBW1
        /fR+cusUMPPNJ0AcZz8JYrioYEGUooKOfS4qmPlmFeSSTxuIS1UUsKNJUcDGP2EFbHyzAjaueSyEY1soI/LCB4YttC58ASXK/7UjFsYo
        6sKARlsY/egLSxXj17r+AGS+qsJ5CgAA
        """)
    private static let stored = bytes("H4sIAAAAAAAEAwEGAPn/c3RvcmVkC/lDVgYAAAA=")
    private static let fixed = bytes("H4sIAAAAAAACA0tMSk6EIYW0zIrUFADyxM1AEgAAAA==")
    /// A million zeros in 1003 bytes.
    private static let bomb = bytes(
        """
        H4sIAAAAAAACA+3BAQEAAACCIP+vbkhAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAArwaey3kSQEIPAA==
        """)

    private static func bytes(_ base64: String) -> [UInt8] {
        Array(Data(base64Encoded: base64.filter { !$0.isNewline }) ?? Data())
    }

    private static let events = (0..<60).map { #"{"type":"track","event":"e\#($0)","userId":"u\#($0 * $0 % 97)"}"# }
        .joined()

    /// RFC 1952, 2.2: members follow one another; what is none is not passed over in silence.
    @Test func severalMembersAreOneBody() throws {
        let both = try Gunzip.unpack(Self.stored + Self.fixed, limit: 24)
        #expect(String(decoding: both, as: UTF8.self) == "storedabcabcabcabc fixed")
        #expect(throws: Gunzip.Fault.tooLarge) { try Gunzip.unpack(Self.stored + Self.fixed, limit: 23) }
        for rest in [[0], [0x1F], Array(Self.fixed.dropLast()), [UInt8]("stored".utf8)] {
            #expect(throws: Gunzip.Fault.self) { try Gunzip.unpack(Self.stored + rest, limit: 99) }
        }
        let many = Array([[UInt8]](repeating: Self.stored, count: Gunzip.members).joined())
        #expect(try Gunzip.unpack(many, limit: 6 * Gunzip.members).count == 6 * Gunzip.members)
        #expect(throws: Gunzip.Fault.malformed("the body has more than 1000 members")) {
            try Gunzip.unpack(many + Self.stored, limit: 1_000_000)
        }
    }

    @Test func everyKindOfBlockIsRead() throws {
        #expect(String(decoding: try Gunzip.unpack(Self.dynamic, limit: 10_000), as: UTF8.self) == Self.events)
        #expect(String(decoding: try Gunzip.unpack(Self.stored, limit: 6), as: UTF8.self) == "stored")
        #expect(String(decoding: try Gunzip.unpack(Self.fixed, limit: 99), as: UTF8.self) == "abcabcabcabc fixed")
        #expect(throws: Gunzip.Fault.self) { try Gunzip.unpack([], limit: 99) }
        #expect(try Gunzip.unpack(Self.bomb, limit: 1_000_000).count == 1_000_000)
    }

    @Test func aBombStopsAtTheLimit() {
        for limit in [0, 1, 999_999] {
            #expect(throws: Gunzip.Fault.tooLarge) { try Gunzip.unpack(Self.bomb, limit: limit) }
        }
        #expect(throws: Gunzip.Fault.tooLarge) { try Gunzip.unpack(Self.stored, limit: 5) }
    }

    /// Every cut and every flipped bit ends in a clean refusal, or (a bit that means nothing) in the same text.
    @Test func damageIsNoticed() {
        for body in [Self.dynamic, Self.fixed, Self.stored] {
            let whole = try? Gunzip.unpack(body, limit: 10_000)
            for end in 0..<body.count {
                #expect(throws: Gunzip.Fault.self) { try Gunzip.unpack(Array(body[..<end]), limit: 10_000) }
            }
            for place in body.indices {
                for bit in 0..<8 {
                    var damaged = body
                    damaged[place] ^= 1 << UInt8(bit)
                    guard let text = try? Gunzip.unpack(damaged, limit: 10_000) else { continue }
                    #expect(text == whole)
                }
            }
        }
    }
}

/// The scanner agrees with a decoder that others wrote, and refuses what is no JSON.
@Suite struct JSONScannerTests {
    @Test func valuesAreReadAndSkipped() throws {
        var scanner = JSONScanner(
            Array(#" {"a" : [1, -2.5e+3, {"b":[]}, "x\u00e9\ud83d\ude00\n"], "c":null,"d":{},"e":true} "#.utf8))
        var seen: [String] = []
        try scanner.object { name, scanner throws(JSONScanFault) in
            if name == "a" {
                try scanner.list { index, scanner throws(JSONScanFault) in
                    switch try scanner.kind() {
                    case .number: seen.append("\(index):" + (try scanner.number()))
                    case .text: seen.append("\(index):" + (try scanner.text()))
                    default: try scanner.skip()
                    }
                }
            } else {
                let range = try scanner.skip()
                seen.append(name + "=" + String(decoding: scanner.bytes[range], as: UTF8.self))
            }
        }
        try scanner.end()
        #expect(seen == ["0:1", "1:-2.5e+3", "3:xé😀\n", "c=null", "d={}", "e=true"])
    }

    /// Documents changed at random: what the scanner takes, Foundation takes; what it refuses, Foundation
    /// refuses.
    @Test func itAgreesWithFoundation() {
        let text = Array(#"{"a":[1,2.5,-3e2,{"b":"\u00e9\"x"},[],{}],"c":null,"d":true,"e":"z"}"#.utf8)
        let pieces = Array(#"{}[]",:0123.eE+-\u tfn"#.utf8)
        var random = SystemFree(5)
        var taken = 0
        for _ in 0..<20_000 {
            var changed = text
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let place = Int.random(in: 0..<changed.count, using: &random)
                let piece = pieces[Int.random(in: 0..<pieces.count, using: &random)]
                switch Int.random(in: 0..<3, using: &random) {
                case 0: changed[place] = piece
                case 1: changed.insert(piece, at: place)
                default: changed.remove(at: place)
                }
            }
            let ours = Self.isJSON(changed)
            let theirs =
                (try? JSONSerialization.jsonObject(with: Data(changed), options: .fragmentsAllowed)) != nil
            // Foundation forgives a comma before the end of an object or list; RFC 8259 does not.
            let text = String(decoding: changed, as: UTF8.self)
            let forgiven = theirs && !ours && text.contains(/,[ \n]*[}\]]/)
            #expect(ours == theirs || forgiven, "\(text)")
            taken += ours ? 1 : 0
        }
        #expect(taken > 5000)
    }

    private static func isJSON(_ bytes: [UInt8]) -> Bool {
        var scanner = JSONScanner(bytes)
        do throws(JSONScanFault) {
            try scanner.skip()
            try scanner.end()
            return true
        } catch { return false }
    }

    @Test func depthIsBounded() {
        for open in ["[", "{\"a\":"] {
            let deepest = String(repeating: open, count: JSONScanner.maxDepth)
            let close = open == "[" ? "]" : "}"
            let whole = deepest + (open == "[" ? "" : "1") + String(repeating: close, count: JSONScanner.maxDepth)
            var scanner = JSONScanner(Array(whole.utf8))
            #expect((try? scanner.skip()) != nil)
            var deeper = JSONScanner(Array(String(repeating: open, count: 10_000).utf8))
            #expect(throws: JSONScanFault.self) { try deeper.skip() }
            #expect(deeper.place < 10 * JSONScanner.maxDepth)
        }
    }

    /// SplitMix64: the same seed, the same numbers.
    private struct SystemFree: RandomNumberGenerator {
        var state: UInt64
        init(_ seed: UInt64) { state = seed }
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }
}
