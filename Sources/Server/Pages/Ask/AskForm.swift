import Delivery
import HTTPTypes
import Hummingbird
import Ledger
import NIOCore

/// What came with a form that everybody may send: fields, and files where the browser could send any.
struct AskForm: Sendable {
    var fields = FormFields()
    var files: [AttachedFile] = []

    /// Files of one form, and bytes of its body: the files with their frames and the fields.
    static let most = 5
    static let longestBody = AttachedFile.longestTogether + 256 * 1024

    enum Reading: Sendable {
        case form(AskForm)
        /// More than a form has; nothing of it was kept.
        case tooLarge
        /// As many are sending files as may do so at once.
        case busy
    }

    /// Reads a form as browsers send it (`application/x-www-form-urlencoded`, or RFC 7578 `multipart/form-data`).
    static func read(_ request: Request, _ context: PageContext, _ door: AskGuard) async throws -> Reading {
        let type = request.headers[.contentType] ?? ""
        guard type.lowercased().hasPrefix("multipart/form-data") else {
            return .form(AskForm(fields: try await Gate.form(request, context)))
        }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > longestBody { return .tooLarge }
        guard door.beginUpload() else { return .busy }
        defer { door.endUpload() }
        do {
            let body = try await request.body.collect(upTo: longestBody)
            return .form(AskForm(Array(body.readableBytesView), type))
        } catch is NIOTooManyBytesError { return .tooLarge }
    }

    /// A form of a signed-in person with one small picture; nil where the browser sent no files.
    static func small(_ request: Request, _ context: PageContext) async throws -> AskForm? {
        let type = request.headers[.contentType] ?? ""
        guard type.lowercased().hasPrefix("multipart/form-data") else { return nil }
        do {
            let body = try await request.body.collect(upTo: context.maxUploadSize + 2 * Ledger.longestSignature)
            return AskForm(Array(body.readableBytesView), type)
        } catch is NIOTooManyBytesError { throw HTTPError(.contentTooLarge) }
    }

    init(fields: FormFields) { self.fields = fields }

    /// - Parameter type: the field `Content-Type` with its boundary.
    init(_ body: [UInt8], _ type: String) {
        var limits = MIMEPart.Limits()
        // One level: a part is a field or a file, whatever it claims to be.
        (limits.bytes, limits.depth, limits.parts) = (body.count + 8_192, 1, 64)
        let message = MIMEPart(Array("Content-Type: \(type.prefix(1_000))\r\n\r\n".utf8) + body, limits: limits)
        var pairs: [(String, String)] = []
        for part in message.parts {
            let disposition = MIMEPart.parameters(of: part["content-disposition"] ?? "")
            guard disposition.value.lowercased() == "form-data", let name = disposition.parameters["name"] else {
                continue
            }
            if let file = disposition.parameters["filename"] {
                // An empty control sends a file without name and bytes.
                if !file.isEmpty || !part.body.isEmpty {
                    files.append(
                        AttachedFile(name: FormFields.decode(file.replacing("+", with: "%2B")), bytes: part.body))
                }
            } else {
                pairs.append((name, String(decoding: part.body, as: UTF8.self)))
            }
        }
        fields = FormFields(pairs)
    }

    /// Kinds of files that a form for everybody takes: what shows something and runs nothing.
    static let kinds: Set<FileKind> = Set(FileKind.allCases.filter(\.isPassive))

    var bytes: Int { files.reduce(0) { $0 + $1.bytes.count } }
    var isTooLarge: Bool {
        files.count > Self.most || bytes > AttachedFile.longestTogether
            || files.contains { $0.bytes.count > AttachedFile.longest }
    }
    var hasOtherKinds: Bool { files.contains { !Self.kinds.contains($0.kind) } }
}
