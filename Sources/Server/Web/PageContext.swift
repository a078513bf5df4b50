package import Hummingbird
import Ledger

/// What travels with one request.
package struct PageContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The network address that the request came from; nil without a socket.
    package var remoteAddress: String?

    package init(source: Source) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress?.ipAddress
    }

    /// A context without a socket.
    init(detached source: some RequestContextSource) { coreContext = .init(source: source) }

    /// No form of ours is near this; a larger body is refused before it is read.
    package var maxUploadSize: Int { 64 * 1024 }
}

/// One request that passed the gate.
struct Call: Sendable {
    var operation: Operation
    var request: Request
    var context: PageContext
    var query: FormFields
    /// Fields of the body; empty for a GET.
    var form: FormFields
    /// Files that came with the form, where the operation takes any.
    var files: [AttachedFile] = []
    var visit: Visit

    /// htmx asked: a fragment is enough.
    var wantsFragment: Bool { request.headers[.hxRequest] == "true" }

    /// A decoded part of the path.
    func parameter(_ name: String) throws -> String {
        guard let raw = context.parameters.get(name), !raw.isEmpty else { throw HTTPError(.notFound) }
        return raw
    }
}
