import Delivery
import EngagementModel
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Words

/// What the links of messages lead to: the pixel, the click, the way out. No session, no cookie; the signed token is all.
struct LinkRoutes: Sendable {
    let pages: PageRenderer
    let mail: MailContext?
    let now: @Sendable () -> Int64

    func add(to routes: Routes) {
        routes.open(.mailOpen) { request, context in try await open(request, context) }
        routes.open(.mailClick) { request, context in try await click(request, context) }
        routes.open(.unsubscribeForm) { request, context in try await form(request, context) }
        routes.open(.unsubscribe) { request, context in try await unsubscribe(request, context) }
    }

    private func token(_ context: PageContext) throws -> (MailContext, String) {
        guard let mail, let token = context.parameters.get("token"), token.utf8.count <= 2048 else {
            throw HTTPError(.notFound)
        }
        return (mail, token)
    }

    private func seen(_ request: Request) -> MachineReader.Request {
        let purpose = [HTTPField.Name.secPurpose, .purpose, .xPurpose, .xMoz].lazy.compactMap { request.headers[$0] }
        return MachineReader.Request(userAgent: request.headers[.userAgent], purpose: purpose.first, at: now())
    }

    // MARK: - Opens and clicks

    private func open(_ request: Request, _ context: PageContext) async throws -> Response {
        let (mail, token) = try token(context)
        guard mail.tracking.isOpen(token) else { throw HTTPError(.notFound) }
        // A HEAD looks without opening.
        if request.method != .head {
            // A picture that is missing looks like a broken message: it comes, also while the ledger cannot take the event.
            do { _ = try await mail.tracking.open(token, seen(request)) } catch {
                context.logger.error("an open was not recorded", metadata: ["error": "\(type(of: error))"])
            }
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: "image/gif", .cacheControl: "no-store, max-age=0",
                // Shown inside of a mail program's page, which is another site.
                .resourcePolicy: "cross-origin",
            ], body: .init(byteBuffer: ByteBuffer(bytes: Self.pixel)))
    }

    /// A transparent GIF of one pixel.
    private static let pixel: [UInt8] = [
        0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0x21, 0xF9, 4, 1, 0, 0,
        0, 0, 0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B,
    ]

    private func click(_ request: Request, _ context: PageContext) async throws -> Response {
        let (mail, token) = try token(context)
        guard let target = mail.tracking.target(ofClick: token) else { throw HTTPError(.notFound) }
        if request.method != .head {
            // Whoever clicked gets to the page, also while the ledger cannot take the event.
            do { try await mail.tracking.click(token, seen(request)) } catch {
                context.logger.error("a click was not recorded", metadata: ["error": "\(type(of: error))"])
            }
        }
        return Response(
            status: .found,
            headers: [.location: target, .cacheControl: "no-store", .referrerPolicy: "no-referrer"])
    }

    // MARK: - The way out

    /// Shows a button and changes nothing: scanners and previews follow links by GET.
    private func form(_ request: Request, _ context: PageContext) async throws -> Response {
        let (mail, token) = try token(context)
        guard mail.tracking.isUnsubscribe(token) else { throw HTTPError(.notFound) }
        return try page(UnsubscribePage(language: request.headers[.acceptLanguage], token: token, isDone: false))
    }

    /// One click of a mail program (RFC 8058), or of the button: done when it is answered. The body says nothing that the
    /// token does not: whatever its form, and also if it is missing, the wish holds.
    private func unsubscribe(_ request: Request, _ context: PageContext) async throws -> Response {
        let (mail, token) = try token(context)
        guard mail.tracking.isUnsubscribe(token) else { throw HTTPError(.notFound) }
        _ = try await request.body.collect(upTo: context.maxUploadSize)
        guard try await mail.tracking.unsubscribe(token, at: now()) else { throw HTTPError(.notFound) }
        return try page(UnsubscribePage(language: request.headers[.acceptLanguage], token: token, isDone: true))
    }

    private func page(_ page: UnsubscribePage) throws -> Response {
        .html(try pages.document("unsubscribe", page.view, title: page.words.unsubscribe.title))
    }
}

/// One question, one button; afterwards one sentence.
struct UnsubscribePage: Sendable {
    let words: PublicWords
    let token: String
    let isDone: Bool

    /// - Parameter language: `Accept-Language`; the first language that we have.
    init(language: String?, token: String, isDone: Bool) {
        words = PublicWords.of(PublicWords.accepted(language))
        self.token = token
        self.isDone = isDone
    }

    var view: View {
        .with {
            $0.set("unsubscribeLanguage", words.language)
            $0.set("unsubscribeTitle", words.unsubscribe.title)
            $0.set("unsubscribeQuestion", words.unsubscribe.question)
            $0.set("unsubscribeButton", words.unsubscribe.button)
            $0.set("unsubscribeDone", words.unsubscribe.done)
            $0.set("unsubscribeToken", token)
            $0.set("isDone", isDone)
        }
    }
}

extension HTTPField.Name {
    static let secPurpose = HTTPField.Name("Sec-Purpose")!
    static let purpose = HTTPField.Name("Purpose")!
    static let xPurpose = HTTPField.Name("X-Purpose")!
    static let xMoz = HTTPField.Name("X-Moz")!
    static let envelopeTo = HTTPField.Name("Envelope-To")!
}
