/// Events as they arrived, who said them, and what could not be taken.
///
/// `event` is append-only. An event is one by its source and message id, for as long as events are kept: the unique
/// index is the whole de-duplication. A message id that is a UUID is kept as its 16 bytes (another spelling stays text,
/// and a blob is never equal to a text), so that the index stays small. The payload is the event's own JSON, where
/// traits and other personal data stay, and which an erasure empties.
extension Schema {
    static let inbound = [eventSources, events, eventLinks, eventRejects, eventReaders].joined(separator: "\n")

    /// `key` = a program's key; `own` = a part of Rapport.
    private static let eventSources = """
        CREATE TABLE event_source (
            source_no INTEGER PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('key', 'own')),
            name TEXT NOT NULL,
            UNIQUE (kind, name)
        ) STRICT;
        CREATE TRIGGER event_source_keeps_rows BEFORE DELETE ON event_source
            BEGIN SELECT RAISE(ABORT, 'event_source is kept'); END;
        """

    /// Times are microseconds since 1970: `occurred_at` corrected for the client's clock, `original_at` and `sent_at`
    /// by that clock, `received_at` by ours. `clamped` = it would have lain in the future (or before 1970).
    private static let events = """
        CREATE TABLE event (
            event_no INTEGER PRIMARY KEY,
            source_no INTEGER NOT NULL REFERENCES event_source (source_no),
            message_id ANY NOT NULL,
            kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 7),
            name TEXT NOT NULL,
            user_id TEXT,
            anonymous_id TEXT,
            occurred_at INTEGER NOT NULL,
            original_at INTEGER,
            sent_at INTEGER,
            received_at INTEGER NOT NULL,
            clamped INTEGER NOT NULL CHECK (clamped IN (0, 1)),
            payload TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX event_once ON event (source_no, message_id);
        CREATE INDEX event_of_user ON event (user_id) WHERE user_id IS NOT NULL;
        CREATE INDEX event_of_visitor ON event (anonymous_id) WHERE anonymous_id IS NOT NULL AND user_id IS NULL;
        CREATE TRIGGER event_keeps_rows BEFORE DELETE ON event
            BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;
        CREATE TRIGGER event_keeps_values BEFORE UPDATE ON event
            WHEN NOT (new.user_id LIKE 'erased:%' AND new.anonymous_id IS NULL AND new.payload = '{}'
                AND (new.event_no, new.source_no, new.message_id, new.kind, new.name, new.occurred_at, new.original_at,
                    new.sent_at, new.received_at, new.clamped)
                IS (old.event_no, old.source_no, old.message_id, old.kind, old.name, old.occurred_at, old.original_at,
                    old.sent_at, old.received_at, old.clamped))
            BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;
        """

    /// `identify` and `alias`: who an anonymous or earlier id is, from a time on. A set: the order in which statements
    /// arrive changes nothing. `event_crosswalk` is what the warehouse knows of other systems' ids.
    private static let eventLinks = """
        CREATE TABLE event_link (
            source_no INTEGER NOT NULL,
            other_id TEXT NOT NULL,
            at INTEGER NOT NULL,
            user_id TEXT NOT NULL,
            event_no INTEGER NOT NULL,
            PRIMARY KEY (source_no, other_id, at, user_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX event_link_of_user ON event_link (user_id);
        CREATE INDEX event_link_of_event ON event_link (event_no);
        CREATE TABLE event_crosswalk (
            external_id TEXT PRIMARY KEY,
            hcp_id TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX event_crosswalk_of_hcp ON event_crosswalk (hcp_id);
        """

    /// The dead letters. The same fault of the same event is one row, however often a client sends it.
    private static let eventRejects = """
        CREATE TABLE event_reject (
            reject_no INTEGER PRIMARY KEY,
            source_no INTEGER NOT NULL REFERENCES event_source (source_no),
            digest BLOB NOT NULL,
            place INTEGER NOT NULL,
            code TEXT NOT NULL,
            message TEXT NOT NULL,
            user_id TEXT,
            received_at INTEGER NOT NULL,
            payload TEXT NOT NULL,
            UNIQUE (source_no, digest)
        ) STRICT;
        CREATE INDEX event_reject_of_user ON event_reject (user_id) WHERE user_id IS NOT NULL;
        """

    /// How far each reader has come.
    private static let eventReaders = """
        CREATE TABLE event_reader (
            reader TEXT PRIMARY KEY,
            event_no INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
