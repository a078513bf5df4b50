internal import EngagementModel
internal import Ledger
internal import Warehouse

/// Reports of harm in rows that are about to go with an erased person, and that no inbox has seen.
///
/// The duty to report outlives the wish to be forgotten (see `Ledger.eraseInquiries`): each such text comes into the
/// inbox, for safety alone, with the reporter as the sources know them, and is emptied when its flags are settled. What
/// the inbox has, or had, under the same source and id stays one.
enum ErasedReports {
    /// Texts about people in `history.erased`, the latest version of each first.
    private static let sql = """
        WITH told AS (
          SELECT source, '' AS mark, inquiry_id AS id, hcp_id, received_at AS at, channel, product_id, "text" AS body,
            known_at FROM history.inquiry
          UNION ALL
          SELECT source, 'case:', case_id, hcp_id, opened_at, NULL, product_id, "text", known_at
          FROM history.service_case
          UNION ALL
          SELECT source, 'note:', note_id, hcp_id, written_at, NULL, NULL, "text", known_at FROM history.note
          UNION ALL
          SELECT source, 'interview:', interview_id, hcp_id, held_at, NULL, NULL, "text", known_at
          FROM history.interview
          UNION ALL
          SELECT source, 'comment:', concat_ws(':', survey_id, hcp_id, question), hcp_id, asked_at, NULL, NULL, answer,
            known_at FROM history.survey
        )
        SELECT t.source, t.mark || t.id AS id, coalesce(e.golden, t.hcp_id) AS hcp, epoch_us(coalesce(t.at, t.known_at)) AS at,
          t.channel, t.product_id, t.body, p.name, p.email
        FROM told AS t JOIN history.erased AS e ON e.source = t.source AND e.id = t.hcp_id
        LEFT JOIN (
          SELECT source, hcp_id, arg_max(trim(concat_ws(' ', first_name, last_name)), known_at) AS name,
            arg_max(email, known_at) AS email
          FROM history.hcp GROUP BY ALL
        ) AS p ON p.source = t.source AND p.hcp_id = t.hcp_id
        WHERE trim(coalesce(t.body, '')) <> ''
        ORDER BY t.source, t.mark, t.id, t.known_at DESC, t.body
        """

    static func take(_ context: RunContext) async throws {
        let table = try await context.connection.query(sql)
        guard table.rowCount > 0 else { return }
        let desk = try InquiryRoom.desk(context.workspace, ledger: context.ledger, engagement: nil)
        let (sources, ids) = (try table.texts("source"), try table.texts("id"))
        let (people, times) = (try table.texts("hcp"), try table.int64s("at"))
        let (channels, products) = (try table.strings("channel"), try table.strings("product_id"))
        let (bodies, names) = (try table.texts("body"), try table.strings("name"))
        let emails = try table.strings("email")
        var taken = 0
        for row in ids.indices {
            let body = String(bodies[row].prefix(InquiryDraft.longestBody))
            guard !desk.read("", body).safety.isEmpty else { continue }
            var draft = InquiryDraft(
                source: "source:\(sources[row])", sourceID: ids[row],
                channel: channels[row].flatMap(Channel.init(rawValue:)) ?? .phone,
                receivedAt: min(times[row], context.now()), body: body)
            (draft.hcpID, draft.identifiedBy, draft.isOfErased) = (people[row], .program, true)
            (draft.productID, draft.fromName, draft.fromAddress) = (products[row], names[row], emails[row])
            do {
                if try await desk.take(draft).isNew { taken += 1 }
            } catch let refusal as Diagnostic where ["inquiry_empty", "idempotency_mismatch"].contains(refusal.code) {
                // Another version of the same text is in the inbox: it has its flags.
            }
        }
        if taken > 0 { context.progress("  erased people: \(taken) reports of harm handed to safety first") }
    }
}
