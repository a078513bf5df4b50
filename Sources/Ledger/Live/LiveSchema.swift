/// Keys of programs, outcomes that they report, and decisions that they were given.
extension Schema {
    static let live = [apiKeys, liveOutcomes, liveDecisions].joined(separator: "\n")

    /// A key is shown once; the ledger keeps its digest. `scopes` are words with a space between.
    private static let apiKeys = """
        CREATE TABLE api_key (
            key_no INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            secret_hash BLOB NOT NULL UNIQUE,
            scopes TEXT NOT NULL,
            per_second INTEGER CHECK (per_second > 0),
            created_at INTEGER NOT NULL,
            revoked_at INTEGER
        ) STRICT;
        CREATE TRIGGER api_key_keeps_rows BEFORE DELETE ON api_key
            BEGIN SELECT RAISE(ABORT, 'api_key is kept'); END;
        """

    /// What became of a touch, as reported in a live moment. `contact_no` is the touch in the one contact history, where
    /// there is one: talks and what the HCP began are written there with the outcome; a message is there by its claim or
    /// its load.
    private static let liveOutcomes = """
        CREATE TABLE live_outcome (
            outcome_no INTEGER PRIMARY KEY,
            key_no INTEGER NOT NULL,
            outcome_id TEXT NOT NULL,
            decision_id TEXT,
            hcp_id TEXT NOT NULL,
            channel TEXT NOT NULL,
            content_id TEXT,
            product_id TEXT,
            occurred_at INTEGER NOT NULL,
            day INTEGER NOT NULL,
            response TEXT NOT NULL CHECK (response IN ('none', 'reached', 'engaged', 'advanced')),
            direction TEXT NOT NULL CHECK (direction IN ('push', 'pull')),
            contact_no INTEGER,
            recorded_at INTEGER NOT NULL,
            UNIQUE (key_no, outcome_id)
        ) STRICT;
        CREATE INDEX live_outcome_day ON live_outcome (day);
        CREATE TRIGGER live_outcome_keeps_rows BEFORE DELETE ON live_outcome
            BEGIN SELECT RAISE(ABORT, 'live_outcome is append-only'); END;
        CREATE TRIGGER live_outcome_keeps_values BEFORE UPDATE ON live_outcome
            WHEN NOT (new.hcp_id LIKE 'erased:%' AND (new.outcome_no, new.key_no, new.outcome_id, new.decision_id,
                    new.channel, new.content_id, new.product_id, new.occurred_at, new.day, new.response, new.direction,
                    new.contact_no, new.recorded_at)
                IS (old.outcome_no, old.key_no, old.outcome_id, old.decision_id, old.channel, old.content_id,
                    old.product_id, old.occurred_at, old.day, old.response, old.direction, old.contact_no,
                    old.recorded_at))
            BEGIN SELECT RAISE(ABORT, 'live_outcome is append-only'); END;
        """

    /// What was shown to whom, with how likely it was. `outcomes_seen` is the last outcome that the decision knew, so
    /// that it can be drawn again from the run's snapshot.
    private static let liveDecisions = """
        CREATE TABLE live_decision (
            decision_no INTEGER PRIMARY KEY,
            decision_id TEXT NOT NULL UNIQUE,
            key_no INTEGER NOT NULL,
            hcp_id TEXT NOT NULL,
            at INTEGER NOT NULL,
            run_id TEXT NOT NULL,
            model_version TEXT NOT NULL,
            strategy_version TEXT NOT NULL,
            arm TEXT NOT NULL,
            asked TEXT NOT NULL,
            outcomes_seen INTEGER NOT NULL,
            temperature REAL NOT NULL,
            no_touch_propensity REAL NOT NULL,
            shown TEXT NOT NULL,
            refused INTEGER NOT NULL,
            recorded_at INTEGER NOT NULL
        ) STRICT;
        CREATE TRIGGER live_decision_keeps_rows BEFORE DELETE ON live_decision
            BEGIN SELECT RAISE(ABORT, 'live_decision is append-only'); END;
        CREATE TRIGGER live_decision_keeps_values BEFORE UPDATE ON live_decision
            WHEN NOT (new.hcp_id LIKE 'erased:%' AND (new.decision_no, new.decision_id, new.key_no, new.at, new.run_id,
                    new.model_version, new.strategy_version, new.arm, new.asked, new.outcomes_seen, new.temperature,
                    new.no_touch_propensity, new.shown, new.refused, new.recorded_at)
                IS (old.decision_no, old.decision_id, old.key_no, old.at, old.run_id, old.model_version,
                    old.strategy_version, old.arm, old.asked, old.outcomes_seen, old.temperature,
                    old.no_touch_propensity, old.shown, old.refused, old.recorded_at))
            BEGIN SELECT RAISE(ABORT, 'live_decision is append-only'); END;
        """
}
