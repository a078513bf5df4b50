/// Step 2 of the schema: claims on the contact history, what a claim reads, consent in depth, notes.
///
/// The rules that must hold whatever program writes are triggers: a message of Rapport's own needs a claim, a claim needs
/// a consent basis, states follow their order, claims and evidence are never lost.
extension Schema {
    static let step2 = [claims, claimFacts, consentDepth, erasure, notes].joined(separator: "\n")

    /// A claim is a row of the one contact history, so that caps have nothing else to count. `status` stays `planned`
    /// until the message went out. Rows without `claim_state` are history: loaded, or a talk that a rep logged.
    private static let claims = """
        ALTER TABLE contact ADD COLUMN step_id TEXT;
        ALTER TABLE contact ADD COLUMN claim_state TEXT
            CHECK (claim_state IN ('claimed', 'sending', 'sent', 'failed', 'uncertain'));
        ALTER TABLE contact ADD COLUMN claimed_at INTEGER;
        ALTER TABLE contact ADD COLUMN changed_at INTEGER;
        ALTER TABLE contact ADD COLUMN basis TEXT;
        ALTER TABLE contact ADD COLUMN content_version TEXT;
        ALTER TABLE contact ADD COLUMN arm TEXT;
        ALTER TABLE contact ADD COLUMN address_hash BLOB;
        ALTER TABLE contact ADD COLUMN worker TEXT;
        ALTER TABLE contact ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE contact ADD COLUMN failure TEXT;
        CREATE UNIQUE INDEX contact_claim_once ON contact (campaign_id, step_id, hcp_id)
            WHERE claim_state IS NOT NULL;
        CREATE INDEX contact_claim_open ON contact (claim_state, changed_at)
            WHERE claim_state IN ('claimed', 'sending', 'uncertain');
        CREATE TRIGGER contact_claim_needed BEFORE INSERT ON contact
            WHEN new.claim_state IS NULL AND new.origin = 'rapport' AND new.direction = 'push'
                AND new.channel NOT IN ('in_person', 'video', 'phone')
            BEGIN SELECT RAISE(ABORT, 'a message needs a claim'); END;
        CREATE TRIGGER contact_claim_begins BEFORE INSERT ON contact
            WHEN new.claim_state IS NOT NULL AND (new.claim_state <> 'claimed' OR new.basis IS NULL
                OR new.campaign_id IS NULL OR new.step_id IS NULL OR new.claimed_at IS NULL
                OR new.origin <> 'rapport' OR new.direction <> 'push')
            BEGIN SELECT RAISE(ABORT, 'a claim needs a consent basis'); END;
        CREATE TRIGGER contact_claim_order BEFORE UPDATE OF claim_state ON contact
            WHEN new.claim_state IS NOT old.claim_state AND coalesce(old.claim_state, '') || '>'
                || coalesce(new.claim_state, '') NOT IN ('claimed>sending', 'claimed>failed', 'claimed>sent',
                'sending>sent', 'sending>failed', 'sending>uncertain', 'sending>claimed', 'uncertain>sent',
                'uncertain>failed', 'uncertain>claimed')
            BEGIN SELECT RAISE(ABORT, 'a claim cannot change so'); END;
        CREATE TRIGGER contact_claim_keeps_rows BEFORE DELETE ON contact WHEN old.claim_state IS NOT NULL
            BEGIN SELECT RAISE(ABORT, 'claims are never deleted'); END;
        CREATE TRIGGER contact_claim_keeps_values BEFORE UPDATE OF contact_no, hcp_id, channel, direction, purpose,
            product_id, content_id, campaign_id, step_id, sender, decision_id, origin, claimed_at, basis,
            content_version, arm ON contact
            WHEN old.claim_state IS NOT NULL AND NOT (new.hcp_id LIKE 'erased:%'
                AND (new.contact_no, new.channel, new.direction, new.purpose, new.product_id, new.content_id,
                    new.campaign_id, new.step_id, new.sender, new.decision_id, new.origin, new.claimed_at, new.basis,
                    new.content_version, new.arm)
                IS (old.contact_no, old.channel, old.direction, old.purpose, old.product_id, old.content_id,
                    old.campaign_id, old.step_id, old.sender, old.decision_id, old.origin, old.claimed_at, old.basis,
                    old.content_version, old.arm))
            BEGIN SELECT RAISE(ABORT, 'a claim keeps its values'); END;
        CREATE TABLE claim_event (
            event_no INTEGER PRIMARY KEY,
            contact_no INTEGER NOT NULL REFERENCES contact (contact_no),
            state TEXT NOT NULL,
            at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            cause TEXT
        ) STRICT;
        CREATE INDEX claim_event_of ON claim_event (contact_no);
        CREATE TRIGGER claim_event_keeps_rows BEFORE DELETE ON claim_event
            BEGIN SELECT RAISE(ABORT, 'claim_event is append-only'); END;
        CREATE TRIGGER claim_event_keeps_values BEFORE UPDATE ON claim_event
            BEGIN SELECT RAISE(ABORT, 'claim_event is append-only'); END;
        CREATE TABLE claim_refusal (
            campaign_id TEXT NOT NULL,
            step_id TEXT NOT NULL,
            hcp_id TEXT NOT NULL,
            reason TEXT NOT NULL,
            day INTEGER NOT NULL,
            channel TEXT NOT NULL,
            times INTEGER NOT NULL,
            last_at INTEGER NOT NULL,
            PRIMARY KEY (campaign_id, step_id, hcp_id, reason, day)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX claim_refusal_of_hcp ON claim_refusal (hcp_id, day);
        """

    /// What the claim reads beside consents and contacts, kept here so that one transaction sees all of it.
    /// `ledger_time` remembers the latest time seen: a clock that is set back does not reopen a window.
    private static let claimFacts = """
        CREATE TABLE ledger_time (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            latest INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE ledger_secret (
            name TEXT PRIMARY KEY,
            value BLOB NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE recipient (
            hcp_id TEXT PRIMARY KEY,
            market TEXT,
            country TEXT,
            zone TEXT NOT NULL,
            language TEXT,
            stakeholder TEXT,
            specialty TEXT,
            access TEXT,
            restricted INTEGER NOT NULL CHECK (restricted IN (0, 1)),
            changed_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE own_schedule (
            hcp_id TEXT PRIMARY KEY,
            body TEXT NOT NULL,
            changed_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE content_version (
            content_id TEXT NOT NULL,
            version TEXT NOT NULL,
            purpose TEXT NOT NULL,
            state TEXT NOT NULL,
            approved_day INTEGER,
            expires_day INTEGER,
            channels TEXT NOT NULL,
            countries TEXT NOT NULL,
            language TEXT,
            stakeholders TEXT NOT NULL,
            specialties TEXT NOT NULL,
            changed_at INTEGER NOT NULL,
            PRIMARY KEY (content_id, version)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE sender (
            rep_id TEXT PRIMARY KEY,
            kind TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE alignment (
            rep_id TEXT NOT NULL,
            hcp_id TEXT NOT NULL,
            first_day INTEGER NOT NULL,
            last_day INTEGER NOT NULL,
            PRIMARY KEY (rep_id, hcp_id, first_day)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE experiment_assignment (
            hcp_id TEXT NOT NULL,
            experiment_id TEXT NOT NULL,
            campaign_id TEXT NOT NULL,
            arm TEXT NOT NULL,
            holdout INTEGER NOT NULL CHECK (holdout IN (0, 1)),
            assigned_at INTEGER NOT NULL,
            ended_at INTEGER,
            PRIMARY KEY (hcp_id, experiment_id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE hold (
            hold_no INTEGER PRIMARY KEY,
            hcp_id TEXT NOT NULL,
            channel TEXT,
            campaign_id TEXT,
            actor TEXT NOT NULL,
            cause TEXT,
            placed_at INTEGER NOT NULL,
            until INTEGER,
            released_at INTEGER
        ) STRICT;
        CREATE INDEX hold_of_hcp ON hold (hcp_id) WHERE released_at IS NULL;
        """

    /// Evidence beside the consent row (the row itself never changes), and the suppression list.
    /// A suppression names nobody: only keyed digests of addresses and subjects.
    private static let consentDepth = """
        CREATE TABLE consent_evidence (
            consent_no INTEGER PRIMARY KEY REFERENCES consent (consent_no),
            means TEXT NOT NULL CHECK (means IN ('web_form', 'preference_centre', 'link', 'signature', 'verbal',
                'written', 'reply', 'import')),
            language TEXT,
            text_hash BLOB,
            signature_hash BLOB,
            signature BLOB,
            confirms TEXT,
            actor TEXT NOT NULL,
            recorded_at INTEGER NOT NULL
        ) STRICT;
        CREATE TRIGGER consent_evidence_keeps_rows BEFORE DELETE ON consent_evidence
            BEGIN SELECT RAISE(ABORT, 'consent_evidence is append-only'); END;
        CREATE TRIGGER consent_evidence_keeps_values BEFORE UPDATE ON consent_evidence
            WHEN NOT (new.signature IS NULL AND (new.consent_no, new.means, new.language, new.text_hash,
                    new.signature_hash, new.confirms, new.actor, new.recorded_at)
                IS (old.consent_no, old.means, old.language, old.text_hash, old.signature_hash, old.confirms,
                    old.actor, old.recorded_at))
            BEGIN SELECT RAISE(ABORT, 'consent_evidence is append-only'); END;
        CREATE TABLE suppression (
            suppression_no INTEGER PRIMARY KEY,
            digest BLOB NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('address', 'subject')),
            reach TEXT NOT NULL CHECK (reach IN ('promotional', 'all')),
            cause TEXT NOT NULL CHECK (cause IN ('opt_out', 'objection', 'complaint', 'bounce', 'erasure', 'manual')),
            actor TEXT NOT NULL,
            recorded_at INTEGER NOT NULL,
            lifted_at INTEGER,
            lifted_by TEXT
        ) STRICT;
        CREATE INDEX suppression_of ON suppression (digest) WHERE lifted_at IS NULL;
        CREATE TRIGGER suppression_keeps_rows BEFORE DELETE ON suppression
            BEGIN SELECT RAISE(ABORT, 'suppression is append-only'); END;
        CREATE TRIGGER suppression_keeps_values BEFORE UPDATE ON suppression
            WHEN old.lifted_at IS NOT NULL OR old.cause = 'erasure'
                OR (new.suppression_no, new.digest, new.kind, new.reach, new.cause, new.actor, new.recorded_at)
                IS NOT (old.suppression_no, old.digest, old.kind, old.reach, old.cause, old.actor, old.recorded_at)
            BEGIN SELECT RAISE(ABORT, 'suppression is append-only'); END;
        """

    /// Erasure takes the person out of a row and leaves what happened: the one change that append-only rows admit.
    private static let erasure = """
        DROP TRIGGER consent_keeps_values;
        CREATE TRIGGER consent_keeps_values BEFORE UPDATE OF consent_no, consent_id, version, hcp_id, channel, address,
            purpose, product_id, status, basis, text_version, captured_at, expires_at, evidence, origin, recorded_at
            ON consent
            WHEN NOT (new.hcp_id LIKE 'erased:%' AND new.consent_id LIKE 'erased:%' AND new.address = ''
                AND new.evidence IS NULL
                AND (new.consent_no, new.version, new.channel, new.purpose, new.product_id, new.status, new.basis,
                    new.text_version, new.captured_at, new.expires_at, new.origin, new.recorded_at)
                IS (old.consent_no, old.version, old.channel, old.purpose, old.product_id, old.status, old.basis,
                    old.text_version, old.captured_at, old.expires_at, old.origin, old.recorded_at))
            BEGIN SELECT RAISE(ABORT, 'consent is append-only'); END;
        DROP TRIGGER decision_event_keeps_values;
        CREATE TRIGGER decision_event_keeps_values BEFORE UPDATE ON decision_event
            WHEN NOT (new.note IS NULL
                AND (new.event_no, new.decision_no, new.kind, new.actor, new.at, new.cause, new.edits,
                    new.idempotency_key, new.request_hash)
                IS (old.event_no, old.decision_no, old.kind, old.actor, old.at, old.cause, old.edits,
                    old.idempotency_key, old.request_hash))
            BEGIN SELECT RAISE(ABORT, 'decision_event is append-only'); END;
        CREATE TABLE erasure (
            erasure_no INTEGER PRIMARY KEY,
            subject_digest BLOB NOT NULL UNIQUE,
            actor TEXT NOT NULL,
            erased_at INTEGER NOT NULL
        ) STRICT;
        """

    /// What only a rep knows, until it expires; a correction is a new note that names the one it replaces.
    private static let notes = """
        CREATE TABLE rep_note (
            note_no INTEGER PRIMARY KEY,
            note_id TEXT NOT NULL UNIQUE,
            hcp_id TEXT NOT NULL,
            author TEXT NOT NULL,
            product_id TEXT,
            text TEXT NOT NULL,
            written_at INTEGER NOT NULL,
            expires_at INTEGER,
            replaces TEXT UNIQUE REFERENCES rep_note (note_id)
        ) STRICT;
        CREATE INDEX rep_note_of_hcp ON rep_note (hcp_id, written_at);
        CREATE TRIGGER rep_note_keeps_rows BEFORE DELETE ON rep_note
            BEGIN SELECT RAISE(ABORT, 'rep_note is append-only'); END;
        CREATE TRIGGER rep_note_keeps_values BEFORE UPDATE ON rep_note
            WHEN NOT (new.hcp_id LIKE 'erased:%' AND new.text = ''
                AND (new.note_no, new.note_id, new.author, new.product_id, new.written_at, new.expires_at,
                    new.replaces)
                IS (old.note_no, old.note_id, old.author, old.product_id, old.written_at, old.expires_at,
                    old.replaces))
            BEGIN SELECT RAISE(ABORT, 'rep_note is append-only'); END;
        """
}
