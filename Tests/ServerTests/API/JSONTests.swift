import Foundation
import NIOCore
import Testing

@testable import Server

@Suite struct JSONTests {
    private func read(_ text: String) throws -> JSONValue { try JSONValue.read(ByteBuffer(string: text)) }

    @Test func valuesAreRead() throws {
        #expect(try read(" null ") == .null)
        #expect(try read("[true,false,-1.5e2,0]") == .list([.flag(true), .flag(false), .number(-150), .number(0)]))
        #expect(
            try read(#"{"a":{"b":[]},"c":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}"#)
                == .object([
                    JSONMember(name: "a", value: .object([JSONMember(name: "b", value: .list([]))])),
                    JSONMember(name: "c", value: .text("\"\\/\u{8}\u{c}\n\r\té😀")),
                ]))
    }

    @Test(arguments: [
        "", " ", "nul", "01", "+1", ".5", "1.", "1e", "-", "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"",
        "\"\u{1}\"", "[1,]", "[", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "1 2", "1e999",
        "{\"a\":1,\"a\":2}", "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]",
    ])
    func whatIsNoJSONIsRefused(_ text: String) { #expect(throws: JSONFault.self) { try read(text) } }

    @Test func bytesThatAreNoTextAreRefused() {
        for bytes: [UInt8] in [[0x22, 0xFF, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0x5C, 0x6E, 0xFF, 0x22]] {
            #expect(throws: JSONFault.self) { try JSONValue.read(ByteBuffer(bytes: bytes)) }
        }
    }

    @Test func everyPrefixOfADocumentIsRefused() throws {
        let text = #"{"a":[1,{"b":"x\u0041"}],"c":null}"#
        _ = try read(text)
        for length in 0..<text.utf8.count {
            #expect(throws: JSONFault.self) { try read(String(text.prefix(length))) }
        }
    }

    @Test func whatIsWrittenIsReadBack() throws {
        var json = JSONBytes()
        let hostile = "\"\\\u{0}\u{1f}\n</script>é😀"
        json.object { json in
            json.set("text", hostile)
            json.set("none", nil as String?)
            json.set("nan", Double.nan)
            json.set("third", 1.0 / 3)
            json.set("count", -3)
            json.list("list") { json in
                json.set(nil, "a")
                json.object { $0.set("b", true) }
            }
        }
        let value = try JSONValue.read(json.buffer)
        #expect(
            value
                == .object([
                    JSONMember(name: "text", value: .text(hostile)), JSONMember(name: "none", value: .null),
                    JSONMember(name: "nan", value: .null), JSONMember(name: "third", value: .number(1.0 / 3)),
                    JSONMember(name: "count", value: .number(-3)),
                    JSONMember(
                        name: "list",
                        value: .list([.text("a"), .object([JSONMember(name: "b", value: .flag(true))])])),
                ]))
    }

    @Test func momentsAreReadToTheMicrosecond() {
        #expect(Timestamp.read("1970-01-01T00:00:00Z") == 0)
        #expect(Timestamp.read("2026-01-02T09:00:00.123456Z") == 1_767_344_400_123_456)
        #expect(Timestamp.read("2026-01-02T10:30:00+01:30") == 1_767_344_400_000_000)
        #expect(Timestamp.read("2026-01-01t22:00:00-11:00") == 1_767_344_400_000_000)
        for text in [
            "", "2026-01-02", "2026-01-02T09:00:00", "2026-02-30T09:00:00Z", "2026-01-02T24:00:00Z",
            "2026-01-02T09:60:00Z", "2026-01-02T09:00:00.Z", "2026-01-02T09:00:00+1:00", "2026-01-02 09:00:00Z",
            "0001-01-02T09:00:00Z", "2026-01-02T09:00:00Zjunk",
        ] { #expect(Timestamp.read(text) == nil, "\(text)") }
        #expect(Timestamp.text(1_767_344_400_123_456) == "2026-01-02T09:00:00.123Z")
    }
}
