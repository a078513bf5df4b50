import EngagementModel
import Foundation
import HTTPTypes
import Hummingbird
import Ledger

/// An HCP's notes for a portal of the company's own: what to show, and that it was opened.
struct NoteAPIRoutes: Sendable {
    let ledger: Ledger
    let ring: KeyRing
    let now: @Sendable () -> Int64

    func add(to routes: Routes) {
        routes.keyed(.portalNotes, ring) { request, _, _ in
            let hcp = try await hcp(request)
            let notes = try await ledger.portalNotes(ofHCP: hcp)
            let token = LinkToken(action: .notes, subject: hcp, expiresAt: now() + LinkToken.pageValidity)
            let path = "/n/\(try token.signed(with: try await ledger.linkKey()))"
            var json = JSONBytes(capacity: 4096)
            json.object { json in
                json.set("hcp_id", hcp)
                json.set("page", path)
                json.list("notes") { json in
                    for note in notes { json.object { Self.write(note, "\(path)/\(note.number)", &$0) } }
                }
            }
            return Self.answer(json)
        }
        routes.keyed(.portalNoteSeen, ring) { request, context, _ in
            let hcp = try await hcp(request)
            _ = try await request.body.collect(upTo: context.maxUploadSize)
            guard let number = context.parameters.get("id").flatMap({ Int64($0) }),
                let note = try await ledger.openNote(number, ofHCP: hcp)
            else { throw Problem(.notFound, "unknown_note", "This HCP has no such note.") }
            guard note.isCurrent else {
                throw Problem(.gone, "note_gone", "The content of this note may not be shown any more.")
            }
            var json = JSONBytes(capacity: 256)
            json.object { json in
                json.set("note_id", String(note.number))
                json.set("seen_at", note.seenAt.map(Timestamp.text))
            }
            return Self.answer(json)
        }
    }

    private func hcp(_ request: Request) async throws -> String {
        guard let id = FormFields(request.uri.query ?? "")["hcp"], id.utf8.count <= 200 else {
            throw Problem.unprocessable("/hcp", "the query names the HCP: ?hcp=…")
        }
        guard let hcp = try await ledger.hcp(known: id) else {
            throw Problem(.notFound, "unknown_hcp", "There is no such HCP.")
        }
        return hcp
    }

    private static func write(_ note: PortalNote, _ path: String, _ json: inout JSONBytes) {
        json.set("note_id", String(note.number))
        json.set("posted_at", Timestamp.text(note.postedAt))
        json.set("seen_at", note.seenAt.map(Timestamp.text))
        json.set("available", note.isCurrent)
        json.set("language", note.language)
        json.set("subject", note.subject)
        json.set("text", note.isCurrent ? note.text : nil)
        json.set("html", note.html)
        json.set("content_id", note.contentID)
        json.set("content_version", note.contentVersion)
        json.set("page", path)
    }

    private static func answer(_ json: JSONBytes) -> Response {
        Response(
            status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: json.buffer))
    }
}
