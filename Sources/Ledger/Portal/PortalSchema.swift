/// Notes on the portal: what was put before an HCP, by the claim that let it.
///
/// A note is there only once its claim is sent, keeps its words, is seen at most once, and ends with the person.
extension Schema {
    static let portalNotes = """
        CREATE TABLE portal_note (
            contact_no INTEGER PRIMARY KEY REFERENCES contact (contact_no),
            hcp_id TEXT NOT NULL,
            content_id TEXT,
            content_version TEXT,
            language TEXT NOT NULL,
            subject TEXT NOT NULL,
            text TEXT NOT NULL,
            html TEXT,
            posted_at INTEGER NOT NULL,
            seen_at INTEGER
        ) STRICT;
        CREATE INDEX portal_note_of_hcp ON portal_note (hcp_id, posted_at);
        CREATE TRIGGER portal_note_needs_a_claim BEFORE INSERT ON portal_note
            WHEN new.seen_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM contact c WHERE c.contact_no = new.contact_no
                AND c.hcp_id = new.hcp_id AND c.channel = 'portal' AND c.claim_state = 'sent')
            BEGIN SELECT RAISE(ABORT, 'a note needs a claim that is sent'); END;
        CREATE TRIGGER portal_note_keeps_values BEFORE UPDATE ON portal_note
            WHEN NOT (old.seen_at IS NULL AND new.seen_at IS NOT NULL
                AND (new.contact_no, new.hcp_id, new.content_id, new.content_version, new.language, new.subject,
                    new.text, new.html, new.posted_at)
                IS (old.contact_no, old.hcp_id, old.content_id, old.content_version, old.language, old.subject,
                    old.text, old.html, old.posted_at))
            BEGIN SELECT RAISE(ABORT, 'a note keeps its words'); END;
        CREATE TRIGGER portal_note_keeps_rows BEFORE DELETE ON portal_note
            WHEN EXISTS (SELECT 1 FROM contact c WHERE c.contact_no = old.contact_no AND c.hcp_id = old.hcp_id)
            BEGIN SELECT RAISE(ABORT, 'a note ends with its person'); END;
        """
}
