/// Versions of the parts of messages, their review, and the signatures under them.
///
/// The rules that must hold whatever program writes are triggers: states follow their order, approval needs three
/// signatures under the very words, release a fourth; versions, signatures and events are never changed or lost.
extension Schema {
    static let content = [contentParts, contentSignatures, contentUses].joined(separator: "\n")

    /// `body` is the record that was signed, word for word; `digest` its SHA-256.
    private static let contentParts = """
        CREATE TABLE content_part (
            part_no INTEGER PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('claim', 'module', 'template', 'offer', 'message')),
            part_id TEXT NOT NULL,
            language TEXT NOT NULL,
            version TEXT NOT NULL,
            digest TEXT NOT NULL CHECK (length(digest) = 64),
            title TEXT NOT NULL,
            body TEXT NOT NULL,
            last_day INTEGER,
            state TEXT NOT NULL CHECK (state IN ('draft', 'in_review', 'approved_for_production',
                'approved_for_distribution', 'expired', 'superseded', 'withdrawn')),
            round INTEGER NOT NULL,
            submitted_by TEXT,
            approved_day INTEGER,
            expires_day INTEGER,
            registered_at INTEGER NOT NULL,
            changed_at INTEGER NOT NULL,
            UNIQUE (kind, part_id, language, version)
        ) STRICT;
        CREATE TRIGGER content_part_begins BEFORE INSERT ON content_part WHEN new.state <> 'draft' OR new.round <> 0
            BEGIN SELECT RAISE(ABORT, 'a part begins as a draft'); END;
        CREATE TRIGGER content_part_keeps_rows BEFORE DELETE ON content_part
            BEGIN SELECT RAISE(ABORT, 'content_part is kept'); END;
        CREATE TRIGGER content_part_keeps_values BEFORE UPDATE OF part_no, kind, part_id, language, version, digest,
            title, body, last_day, registered_at ON content_part
            BEGIN SELECT RAISE(ABORT, 'a version keeps its words'); END;
        CREATE TRIGGER content_part_order BEFORE UPDATE OF state ON content_part
            WHEN new.state <> old.state AND old.state || '>' || new.state NOT IN ('draft>in_review',
                'expired>in_review', 'in_review>approved_for_production',
                'approved_for_production>approved_for_distribution', 'in_review>draft', 'approved_for_production>draft',
                'in_review>withdrawn', 'approved_for_production>withdrawn', 'approved_for_distribution>withdrawn',
                'expired>withdrawn', 'approved_for_production>expired', 'approved_for_distribution>expired',
                'in_review>superseded', 'approved_for_production>superseded', 'approved_for_distribution>superseded',
                'expired>superseded')
            BEGIN SELECT RAISE(ABORT, 'a review cannot change so'); END;
        """

    /// `components`: 2 = login and password at the first signature of a session, 1 = password afterwards. A signature that
    /// was given in another system names it in `reference`, has no session and no components.
    private static let contentSignatures = """
        CREATE TABLE content_approver (
            discipline TEXT NOT NULL CHECK (discipline IN ('medical', 'legal', 'regulatory')),
            user_no INTEGER NOT NULL REFERENCES app_user (user_no),
            granted_by TEXT NOT NULL,
            granted_at INTEGER NOT NULL,
            PRIMARY KEY (discipline, user_no)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE content_signature (
            signature_no INTEGER PRIMARY KEY,
            part_no INTEGER NOT NULL REFERENCES content_part (part_no),
            round INTEGER NOT NULL,
            discipline TEXT NOT NULL CHECK (discipline IN ('medical', 'legal', 'regulatory')),
            meaning TEXT NOT NULL CHECK (meaning IN ('approve', 'release')),
            actor TEXT NOT NULL,
            printed_name TEXT NOT NULL CHECK (printed_name <> ''),
            signed_at INTEGER NOT NULL,
            digest TEXT NOT NULL,
            components INTEGER NOT NULL CHECK (components IN (0, 1, 2)),
            session BLOB,
            reference TEXT,
            CHECK ((components = 0) = (reference IS NOT NULL)),
            UNIQUE (part_no, round, meaning, discipline)
        ) STRICT;
        CREATE UNIQUE INDEX content_signature_one_hat ON content_signature (part_no, round, actor)
            WHERE meaning = 'approve' AND reference IS NULL;
        CREATE INDEX content_signature_session ON content_signature (session, signed_at) WHERE session IS NOT NULL;
        CREATE TRIGGER content_signature_binds BEFORE INSERT ON content_signature
            WHEN NOT EXISTS (SELECT 1 FROM content_part p WHERE p.part_no = new.part_no AND p.digest = new.digest
                AND p.round = new.round)
            BEGIN SELECT RAISE(ABORT, 'a signature is bound to the words of its part'); END;
        CREATE TRIGGER content_signature_keeps_rows BEFORE DELETE ON content_signature
            BEGIN SELECT RAISE(ABORT, 'content_signature is append-only'); END;
        CREATE TRIGGER content_signature_keeps_values BEFORE UPDATE ON content_signature
            BEGIN SELECT RAISE(ABORT, 'content_signature is append-only'); END;
        CREATE TRIGGER content_part_approved BEFORE UPDATE OF state ON content_part
            WHEN old.state <> new.state AND new.state IN ('approved_for_production', 'approved_for_distribution')
                AND (SELECT count(DISTINCT discipline) FROM content_signature s WHERE s.part_no = new.part_no
                    AND s.round = new.round AND s.meaning = 'approve' AND s.digest = new.digest) < 3
            BEGIN SELECT RAISE(ABORT, 'all approvers have to sign'); END;
        CREATE TRIGGER content_part_released BEFORE UPDATE OF state ON content_part
            WHEN old.state <> new.state AND new.state = 'approved_for_distribution'
                AND NOT EXISTS (SELECT 1 FROM content_signature s WHERE s.part_no = new.part_no
                    AND s.round = new.round AND s.meaning = 'release' AND s.digest = new.digest)
            BEGIN SELECT RAISE(ABORT, 'a release has to be signed'); END;
        CREATE TABLE content_event (
            event_no INTEGER PRIMARY KEY,
            part_no INTEGER NOT NULL REFERENCES content_part (part_no),
            round INTEGER NOT NULL,
            action TEXT NOT NULL,
            state TEXT NOT NULL,
            actor TEXT NOT NULL,
            at INTEGER NOT NULL,
            cause TEXT
        ) STRICT;
        CREATE INDEX content_event_of ON content_event (part_no);
        CREATE TRIGGER content_event_keeps_rows BEFORE DELETE ON content_event
            BEGIN SELECT RAISE(ABORT, 'content_event is append-only'); END;
        CREATE TRIGGER content_event_keeps_values BEFORE UPDATE ON content_event
            BEGIN SELECT RAISE(ABORT, 'content_event is append-only'); END;
        """

    /// What each version of a message is made of, and to whom it may go as far as its files say. `countries` is null
    /// where its parts share none.
    private static let contentUses = """
        CREATE TABLE content_message (
            part_no INTEGER PRIMARY KEY REFERENCES content_part (part_no),
            purpose TEXT NOT NULL,
            channels TEXT NOT NULL,
            countries TEXT,
            stakeholders TEXT NOT NULL,
            specialties TEXT NOT NULL,
            stands_in TEXT NOT NULL,
            missing INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE content_use (
            message_no INTEGER NOT NULL REFERENCES content_part (part_no),
            part_no INTEGER NOT NULL REFERENCES content_part (part_no),
            PRIMARY KEY (message_no, part_no)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX content_use_of ON content_use (part_no);
        """
}
