import EngagementModel
import HTTPTypes
import Ledger
import Testing

@testable import Server

/// Files that programs send with an inquiry: as many, as large and of the kinds that the forms take.
struct InquiryFileAPITests {
    private static let photo: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0, 0, 16] + Array("JFIF".utf8) + [0, 10, 13, 45, 45, 10]

    private static func body(_ fields: [(String, String)], _ files: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        var body: [UInt8] = []
        for (name, value) in fields {
            body += "--XyZ\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8
        }
        for file in files {
            body += "--XyZ\r\nContent-Disposition: form-data; name=\"files\"; filename=\"\(file.name)\"\r\n\r\n".utf8
            body += file.bytes + [13, 10]
        }
        return body + Array("--XyZ--\r\n".utf8)
    }

    private static func with(
        _ body: (Site, (_ fields: [(String, String)], _ files: [(name: String, bytes: [UInt8])]) async throws -> Page)
            async throws -> Void
    ) async throws {
        try await Site.open(published: false) { site, client in
            let key = try await site.ledger.createKey(name: "crm", scopes: [.writeInquiries], by: .system)
            try await site.ring.refresh()
            try await body(site) { fields, files in
                try await client.send(
                    "/v1/inquiries", .post,
                    [.contentType: "multipart/form-data; boundary=XyZ", .authorization: "Bearer \(key.text)"],
                    bytes: Self.body(fields, files))
            }
        }
    }

    @Test func filesComeWithTheirMessageOnce() async throws {
        try await Self.with { site, send in
            let fields = [("id", "a"), ("text", "The pump broke. [device_complaint]"), ("channel", "phone")]
            let files = [(name: "pump.jpg", bytes: Self.photo), (name: "log.txt", bytes: Array("E-17\n".utf8))]
            let first = try await send(fields, files)
            #expect(first.status == 201, "\(first.text)")
            #expect(try await send(fields, files).status == 200)
            // Another picture under the same id is another message.
            #expect(try await send(fields, [(name: "pump.jpg", bytes: Self.photo + [1])]).status == 422)
            let kept = try await site.ledger.files(ofInquiry: 1, seenBy: .all)
            #expect(kept.map(\.name) == ["pump.jpg", "log.txt"] && kept.map(\.kind) == [.jpeg, .text])
            #expect(try await site.ledger.file(kept[0].number, ofInquiry: 1, seenBy: .all)?.bytes == Self.photo)
            #expect(try await send([("id", "b"), ("text", "Without any.")], []).status == 201)
            #expect(try await site.ledger.files(ofInquiry: 2, seenBy: .all).isEmpty)
        }
    }

    @Test func whatTheFormsDoNotTakeIsRefusedWhole() async throws {
        try await Self.with { site, send in
            let fields = [("id", "a"), ("text", "See the file.")]
            let large = Self.photo + [UInt8](repeating: 0, count: AttachedFile.longest)
            let half = Self.photo + [UInt8](repeating: 0, count: AttachedFile.longest - 100)
            let markup = Array("<svg onload=alert(1)></svg>".utf8)
            for (files, status, words) in [
                ([(name: "a.svg", bytes: markup)], 422, "neither picture"),
                ([(name: "photo.jpg", bytes: markup)], 422, "no. 1"),
                ([(name: "a.jpg", bytes: large)], 413, "files_too_large"),
                (
                    [
                        (name: "a.jpg", bytes: half), (name: "b.jpg", bytes: half),
                        (name: "c.jpg", bytes: Self.photo + half),
                    ],
                    413, "files_too_large"
                ),
                (
                    [(name: String, bytes: [UInt8])](repeating: (name: "a.jpg", bytes: Self.photo), count: 6), 413,
                    "at most 5"
                ),
            ] as [([(name: String, bytes: [UInt8])], Int, String)] {
                let answer = try await send(fields, files)
                #expect(answer.status == status && answer.text.contains(words), "\(answer.status) \(answer.text)")
            }
            #expect(try await send([("id", "a"), ("text", String(repeating: "x", count: 140_000))], []).status == 413)
            #expect(try await send([("id", "a"), ("tekst", "x")], [(name: "a.jpg", bytes: Self.photo)]).status == 422)
            #expect(try await site.ledger.inquiries(InquiryFilter(), seenBy: .all).total == 0)
        }
    }
}
