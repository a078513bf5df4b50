/// What HCPs ask and report, who answers, and what happened to it.
///
/// The original of an inquiry never changes: `source` and `source_id` make it one, however often it arrives. What changes
/// (state, queue, assignee, due, the medical mark) moves in the order that triggers know. The firewall is one of them: a
/// medical inquiry lies with medical or safety, whatever program writes. Entries of the shared timeline are append-only;
/// an erasure empties texts and keeps that something happened.
extension Schema {
    static let inquiries = [inquiry, safetyFlags, serviceCases, timelineEntries].joined(separator: "\n")

    private static let inquiry = """
        CREATE TABLE inquiry (
            inquiry_no INTEGER PRIMARY KEY,
            source TEXT NOT NULL,
            source_id TEXT NOT NULL,
            digest BLOB NOT NULL,
            channel TEXT NOT NULL,
            received_at INTEGER NOT NULL,
            recorded_at INTEGER NOT NULL,
            hcp_id TEXT,
            identified_by TEXT CHECK (identified_by IN ('link', 'reply', 'address', 'program', 'person')),
            account_id TEXT,
            product_id TEXT,
            claim_no INTEGER,
            from_name TEXT,
            from_address TEXT,
            subject TEXT NOT NULL,
            body TEXT NOT NULL,
            language TEXT,
            asked TEXT CHECK (asked IN ('medical', 'order', 'fault', 'visit', 'other')),
            kind TEXT NOT NULL,
            topic TEXT,
            need TEXT NOT NULL,
            urgency TEXT NOT NULL CHECK (urgency IN ('low', 'normal', 'high')),
            evidence TEXT NOT NULL,
            reader TEXT NOT NULL,
            rule TEXT NOT NULL,
            medical INTEGER NOT NULL CHECK (medical IN (0, 1)),
            state TEXT NOT NULL CHECK (state IN ('new', 'assigned', 'answered', 'closed')),
            queue TEXT NOT NULL CHECK (queue IN ('medical', 'inside_sales', 'service', 'safety', 'rep')),
            assignee TEXT,
            due_at INTEGER NOT NULL,
            case_no INTEGER REFERENCES service_case (case_no),
            version INTEGER NOT NULL DEFAULT 1,
            changed_at INTEGER NOT NULL,
            UNIQUE (source, source_id),
            CHECK ((state = 'assigned') <= (assignee IS NOT NULL)),
            CHECK ((state = 'new') <= (assignee IS NULL)),
            CHECK (medical = 0 OR queue IN ('medical', 'safety'))
        ) STRICT;
        CREATE INDEX inquiry_open ON inquiry (queue, due_at) WHERE state IN ('new', 'assigned');
        CREATE INDEX inquiry_of_hcp ON inquiry (hcp_id, received_at) WHERE hcp_id IS NOT NULL;
        CREATE INDEX inquiry_of_kind ON inquiry (kind, product_id, received_at);
        CREATE INDEX inquiry_of_case ON inquiry (case_no) WHERE case_no IS NOT NULL;
        CREATE INDEX inquiry_of_address ON inquiry (from_address) WHERE from_address IS NOT NULL;
        CREATE TRIGGER inquiry_begins BEFORE INSERT ON inquiry
            WHEN new.state <> 'new' OR new.version <> 1
            BEGIN SELECT RAISE(ABORT, 'an inquiry begins new'); END;
        CREATE TRIGGER inquiry_order BEFORE UPDATE OF state ON inquiry
            WHEN new.state <> old.state AND old.state || '>' || new.state NOT IN ('new>assigned', 'new>answered',
                'new>closed', 'assigned>new', 'assigned>answered', 'assigned>closed', 'answered>new', 'answered>closed',
                'closed>new')
            BEGIN SELECT RAISE(ABORT, 'an inquiry cannot change so'); END;
        CREATE TRIGGER inquiry_moves_on BEFORE UPDATE OF state, queue, assignee, due_at, medical ON inquiry
            WHEN new.version <> old.version + 1
            BEGIN SELECT RAISE(ABORT, 'an inquiry changes one version at a time'); END;
        CREATE TRIGGER inquiry_keeps_rows BEFORE DELETE ON inquiry
            BEGIN SELECT RAISE(ABORT, 'inquiry is append-only'); END;
        CREATE TRIGGER inquiry_keeps_original BEFORE UPDATE OF inquiry_no, source, source_id, digest, channel,
            received_at, recorded_at, claim_no, from_name, from_address, subject, body, language, asked, kind, topic,
            need, urgency, evidence, reader, rule ON inquiry
            WHEN NOT (coalesce(new.hcp_id, '') LIKE 'erased:%' AND new.subject = '' AND new.body = ''
                AND new.evidence = '' AND new.digest = X'' AND new.from_name IS NULL AND new.from_address IS NULL
                AND (new.inquiry_no, new.source, new.channel, new.received_at, new.recorded_at,
                    new.claim_no, new.language, new.asked, new.kind, new.topic, new.need, new.urgency, new.reader,
                    new.rule)
                IS (old.inquiry_no, old.source, old.channel, old.received_at, old.recorded_at,
                    old.claim_no, old.language, old.asked, old.kind, old.topic, old.need, old.urgency, old.reader,
                    old.rule))
            BEGIN SELECT RAISE(ABORT, 'the original of an inquiry is kept'); END;
        """

    /// One row for each message that tells of harm or of a device that failed. The deadline is part of the row, and never
    /// later than the law's: 4 hours when serious, else 24.
    private static let safetyFlags = """
        CREATE TABLE safety_flag (
            flag_no INTEGER PRIMARY KEY,
            inquiry_no INTEGER NOT NULL REFERENCES inquiry (inquiry_no),
            entry_no INTEGER,
            kind TEXT NOT NULL CHECK (kind IN ('adverse_event', 'device_complaint', 'special_situation')),
            serious INTEGER NOT NULL CHECK (serious IN (0, 1)),
            raised_at INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('open', 'acknowledged', 'reported', 'dismissed')),
            actor TEXT,
            settled_at INTEGER,
            reference TEXT,
            reason TEXT,
            CHECK (due_at > raised_at AND due_at <= raised_at + iif(serious, 14400000000, 86400000000)),
            CHECK ((state = 'reported') <= (reference IS NOT NULL)),
            CHECK ((state = 'dismissed') <= (reason IS NOT NULL))
        ) STRICT;
        CREATE INDEX safety_flag_open ON safety_flag (due_at) WHERE state IN ('open', 'acknowledged');
        CREATE INDEX safety_flag_of ON safety_flag (inquiry_no);
        CREATE TRIGGER safety_flag_begins BEFORE INSERT ON safety_flag WHEN new.state <> 'open'
            BEGIN SELECT RAISE(ABORT, 'a safety flag begins open'); END;
        CREATE TRIGGER safety_flag_keeps_rows BEFORE DELETE ON safety_flag
            BEGIN SELECT RAISE(ABORT, 'safety flags are kept'); END;
        CREATE TRIGGER safety_flag_order BEFORE UPDATE ON safety_flag
            WHEN old.state || '>' || new.state NOT IN ('open>acknowledged', 'open>reported', 'open>dismissed',
                'acknowledged>reported', 'acknowledged>dismissed')
                OR (new.flag_no, new.inquiry_no, new.entry_no, new.kind, new.serious, new.raised_at, new.due_at)
                IS NOT (old.flag_no, old.inquiry_no, old.entry_no, old.kind, old.serious, old.raised_at, old.due_at)
            BEGIN SELECT RAISE(ABORT, 'a safety flag cannot change so'); END;
        """

    /// `title` is never medical: reps read it.
    private static let serviceCases = """
        CREATE TABLE service_case (
            case_no INTEGER PRIMARY KEY,
            source TEXT NOT NULL,
            source_id TEXT NOT NULL,
            opened_at INTEGER NOT NULL,
            hcp_id TEXT,
            account_id TEXT,
            product_id TEXT,
            asset TEXT,
            title TEXT NOT NULL,
            priority TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'critical')),
            state TEXT NOT NULL CHECK (state IN ('open', 'in_progress', 'waiting', 'resolved', 'closed')),
            owner TEXT,
            due_at INTEGER NOT NULL,
            version INTEGER NOT NULL DEFAULT 1,
            changed_at INTEGER NOT NULL,
            UNIQUE (source, source_id)
        ) STRICT;
        CREATE INDEX service_case_open ON service_case (due_at) WHERE state IN ('open', 'in_progress', 'waiting');
        CREATE INDEX service_case_of_hcp ON service_case (hcp_id) WHERE hcp_id IS NOT NULL;
        CREATE TRIGGER service_case_begins BEFORE INSERT ON service_case WHEN new.state <> 'open' OR new.version <> 1
            BEGIN SELECT RAISE(ABORT, 'a case begins open'); END;
        CREATE TRIGGER service_case_order BEFORE UPDATE OF state ON service_case
            WHEN new.state <> old.state AND old.state || '>' || new.state NOT IN ('open>in_progress', 'open>waiting',
                'open>resolved', 'open>closed', 'in_progress>waiting', 'in_progress>resolved', 'in_progress>closed',
                'waiting>in_progress', 'waiting>resolved', 'waiting>closed', 'resolved>closed', 'resolved>open',
                'closed>open')
            BEGIN SELECT RAISE(ABORT, 'a case cannot change so'); END;
        CREATE TRIGGER service_case_moves_on BEFORE UPDATE OF state, owner, priority, due_at ON service_case
            WHEN new.version <> old.version + 1
            BEGIN SELECT RAISE(ABORT, 'a case changes one version at a time'); END;
        CREATE TRIGGER service_case_keeps_rows BEFORE DELETE ON service_case
            BEGIN SELECT RAISE(ABORT, 'service_case is append-only'); END;
        CREATE TRIGGER service_case_keeps_original BEFORE UPDATE OF case_no, source, source_id, opened_at, title, asset
            ON service_case
            WHEN NOT (coalesce(new.hcp_id, '') LIKE 'erased:%' AND new.title = ''
                AND (new.case_no, new.source, new.opened_at) IS (old.case_no, old.source, old.opened_at))
            BEGIN SELECT RAISE(ABORT, 'the original of a case is kept'); END;
        """

    /// One timeline for call centre, technician, rep and whoever answers. `facts` is a JSON object of states, numbers and
    /// ids. `medical` = for medical eyes even where the inquiry is not.
    private static let timelineEntries = """
        CREATE TABLE timeline_entry (
            entry_no INTEGER PRIMARY KEY,
            inquiry_no INTEGER REFERENCES inquiry (inquiry_no),
            case_no INTEGER REFERENCES service_case (case_no),
            hcp_id TEXT,
            at INTEGER NOT NULL,
            recorded_at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('message_in', 'message_out', 'call', 'visit', 'part_used', 'note',
                'state', 'assigned', 'handed_over', 'safety')),
            text TEXT NOT NULL,
            facts TEXT NOT NULL,
            medical INTEGER NOT NULL CHECK (medical IN (0, 1)),
            message_id TEXT,
            once TEXT UNIQUE,
            CHECK (inquiry_no IS NOT NULL OR case_no IS NOT NULL)
        ) STRICT;
        CREATE INDEX timeline_entry_of_inquiry ON timeline_entry (inquiry_no, at) WHERE inquiry_no IS NOT NULL;
        CREATE INDEX timeline_entry_of_case ON timeline_entry (case_no, at) WHERE case_no IS NOT NULL;
        CREATE INDEX timeline_entry_of_message ON timeline_entry (message_id) WHERE message_id IS NOT NULL;
        CREATE TRIGGER timeline_entry_keeps_rows BEFORE DELETE ON timeline_entry
            BEGIN SELECT RAISE(ABORT, 'timeline_entry is append-only'); END;
        CREATE TRIGGER timeline_entry_keeps_values BEFORE UPDATE ON timeline_entry
            WHEN NOT (coalesce(new.hcp_id, '') LIKE 'erased:%' AND new.text = '' AND new.message_id IS NULL
                AND coalesce(new.once, 'erased:') LIKE 'erased:%'
                AND (new.entry_no, new.inquiry_no, new.case_no, new.at, new.recorded_at, new.actor, new.kind,
                    new.facts, new.medical)
                IS (old.entry_no, old.inquiry_no, old.case_no, old.at, old.recorded_at, old.actor, old.kind,
                    old.facts, old.medical))
            BEGIN SELECT RAISE(ABORT, 'timeline_entry is append-only'); END;
        """
}
