import EngagementModel
import GRDB

extension Ledger {
    /// Takes a person out of inquiries, cases and timelines: texts, names, addresses, ids. That something was asked and
    /// what became of it stays, and so do safety flags with their deadlines and references.
    /// - Returns: inquiries and cases that were emptied.
    func eraseInquiries(_ db: Database, _ hcpID: String, addresses: [String], pseudonym: String) throws -> Int {
        let mails = try canonicalJSON(addresses.map { Address.normalised($0, .email) }.sorted())
        let numbers = try Int64.fetchAll(
            db,
            sql: """
                SELECT inquiry_no FROM inquiry WHERE hcp_id = :hcp
                    OR (hcp_id IS NULL AND from_address IN (SELECT value FROM json_each(:mails)))
                """, arguments: ["hcp": hcpID, "mails": mails])
        let list = try canonicalJSON(numbers)
        try db.execute(
            sql: """
                UPDATE timeline_entry SET hcp_id = :to, text = '', message_id = NULL,
                    once = iif(once IS NULL, NULL, 'erased:' || entry_no)
                WHERE hcp_id = :hcp OR inquiry_no IN (SELECT value FROM json_each(:list))
                    OR case_no IN (SELECT case_no FROM service_case WHERE hcp_id = :hcp)
                """, arguments: ["to": pseudonym, "hcp": hcpID, "list": list])
        try db.execute(
            sql: """
                UPDATE inquiry SET hcp_id = :to, source_id = 'erased:' || inquiry_no, digest = X'', subject = '', body = '',
                    evidence = '', from_name = NULL, from_address = NULL, account_id = NULL
                WHERE inquiry_no IN (SELECT value FROM json_each(:list))
                """, arguments: ["to": pseudonym, "list": list])
        try db.execute(
            sql: """
                UPDATE service_case SET hcp_id = :to, source_id = 'erased:' || case_no, title = '', account_id = NULL
                WHERE hcp_id = :hcp
                """, arguments: ["to": pseudonym, "hcp": hcpID])
        return numbers.count + db.changesCount
    }
}
