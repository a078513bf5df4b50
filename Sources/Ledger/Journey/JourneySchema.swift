/// Step 3 of the schema: journeys that survive every crash, and when a claim is to be sent at the earliest.
///
/// An instance is one HCP on its way through one version of a definition. `due_at` is its timer; the partial index on it
/// holds only instances that wait, so that due timers are found without looking at the others. `journey_step` is what
/// happened, one row a step, and with it the promise of exactly one effect: its key is instance and visit.
extension Schema {
    static let step3 = """
        ALTER TABLE contact ADD COLUMN not_before INTEGER;
        UPDATE contact SET not_before = occurred_at WHERE claim_state = 'claimed';
        CREATE INDEX contact_to_send ON contact (not_before) WHERE claim_state = 'claimed';
        CREATE TABLE journey_definition (
            journey_id TEXT NOT NULL,
            version INTEGER NOT NULL,
            body TEXT NOT NULL,
            registered_at INTEGER NOT NULL,
            actor TEXT NOT NULL,
            PRIMARY KEY (journey_id, version)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER journey_definition_keeps_rows BEFORE DELETE ON journey_definition
            BEGIN SELECT RAISE(ABORT, 'journey_definition is append-only'); END;
        CREATE TRIGGER journey_definition_keeps_values BEFORE UPDATE ON journey_definition
            BEGIN SELECT RAISE(ABORT, 'journey_definition is append-only'); END;
        CREATE TABLE journey_instance (
            instance_no INTEGER PRIMARY KEY,
            journey_id TEXT NOT NULL,
            version INTEGER NOT NULL,
            hcp_id TEXT NOT NULL,
            node TEXT NOT NULL,
            phase TEXT NOT NULL CHECK (phase IN ('waiting', 'paused', 'ended')),
            due_at INTEGER,
            wait_event TEXT,
            wait_key TEXT,
            visit INTEGER NOT NULL,
            since INTEGER NOT NULL,
            entered_at INTEGER NOT NULL,
            ended_at INTEGER,
            outcome TEXT,
            attributes TEXT NOT NULL,
            FOREIGN KEY (journey_id, version) REFERENCES journey_definition (journey_id, version)
        ) STRICT;
        CREATE UNIQUE INDEX journey_instance_running ON journey_instance (hcp_id, journey_id) WHERE phase <> 'ended';
        CREATE INDEX journey_instance_past ON journey_instance (hcp_id, journey_id, entered_at)
            WHERE phase = 'ended';
        CREATE INDEX journey_instance_due ON journey_instance (due_at) WHERE phase = 'waiting' AND due_at IS NOT NULL;
        CREATE TABLE journey_step (
            instance_no INTEGER NOT NULL REFERENCES journey_instance (instance_no),
            visit INTEGER NOT NULL,
            node TEXT NOT NULL,
            at INTEGER NOT NULL,
            result TEXT NOT NULL,
            contact_no INTEGER,
            PRIMARY KEY (instance_no, visit)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER journey_step_keeps_rows BEFORE DELETE ON journey_step
            BEGIN SELECT RAISE(ABORT, 'journey_step is append-only'); END;
        CREATE TRIGGER journey_step_keeps_values BEFORE UPDATE ON journey_step
            BEGIN SELECT RAISE(ABORT, 'journey_step is append-only'); END;
        CREATE TABLE journey_event (
            event_id TEXT PRIMARY KEY,
            at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE rep_task (
            task_no INTEGER PRIMARY KEY,
            instance_no INTEGER NOT NULL,
            visit INTEGER NOT NULL,
            hcp_id TEXT NOT NULL,
            journey_id TEXT NOT NULL,
            kind TEXT NOT NULL,
            title TEXT NOT NULL,
            product_id TEXT,
            due_at INTEGER,
            created_at INTEGER NOT NULL,
            done_at INTEGER,
            done_by TEXT,
            UNIQUE (instance_no, visit)
        ) STRICT;
        CREATE INDEX rep_task_open ON rep_task (hcp_id, due_at) WHERE done_at IS NULL;
        """
}
