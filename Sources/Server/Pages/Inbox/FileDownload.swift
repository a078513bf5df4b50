import HTTPTypes
import Hummingbird
import Ledger

/// A file of an inquiry on its way to a person who may read the inquiry.
///
/// It is what strangers sent: it never opens within our pages, whatever it is and calls itself. It leaves as a download,
/// under a type that its bytes bear out, and under a name whose ending says no more than they do.
enum FileDownload {
    static func answer(_ call: Call, _ reads: InboxReads) async throws -> Response {
        let sight = try await reads.sight(call.visit.identity)
        guard let inquiry = Int64(try call.parameter("id")), let number = Int64(try call.parameter("file")),
            let (file, bytes) = try await reads.ledger.file(number, ofInquiry: inquiry, seenBy: sight)
        else { throw HTTPError(.notFound) }
        let kind = file.kind.isPassive ? file.kind : .other
        return Response(
            status: .ok,
            headers: [
                .contentType: kind == .text ? "text/plain; charset=utf-8" : kind.rawValue,
                .contentDisposition: disposition(file.safeName),
                .contentSecurityPolicy: "sandbox; default-src 'none'; frame-ancestors 'none'",
            ], body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// RFC 6266: the name for every program, and the whole name for those that read UTF-8.
    static func disposition(_ name: String) -> String {
        let plain = String(
            name.unicodeScalars.map { (32...126).contains($0.value) && $0 != "\"" && $0 != "\\" ? Character($0) : "_" })
        return "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(FormFields.encode(name))"
    }
}

extension InquiryFile {
    var path: String { "\(Operation.inbox.path)/\(inquiry)/files/\(number)" }

    /// A line of a list: with a link where there is something to fetch.
    var view: View {
        .with {
            $0.set("fileName", name)
            $0.set("filePath", isKept ? path : nil)
            $0.set("fileFacts", facts)
            $0.set("fileWarning", isKept && !isNamedRight && name.contains(".") ? "not what its name says" : nil)
        }
    }

    private var facts: String {
        let size = Format.bytes(size)
        switch fault {
        case nil: return "\(kind.title), \(size)"
        case .tooLarge: return "\(size), too large to be kept: it is in the mailbox"
        case .tooMany: return "one of too many to be kept: it is in the mailbox"
        case .infected: return "\(size), not kept: a virus was found in it"
        case .cut: return "the mail was too long: the file is in the mailbox"
        }
    }
}

extension Format {
    /// `812 bytes`, `1.2 MB`; of 1,000 and 1,000,000.
    static func bytes(_ count: Int) -> String {
        switch count {
        case ..<1_000: plural(count, "byte")
        case ..<1_000_000: "\(count / 1_000) kB"
        default: "\(count / 1_000_000).\(count % 1_000_000 / 100_000) MB"
        }
    }
}
