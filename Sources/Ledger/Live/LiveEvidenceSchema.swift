/// What a live decision chose from, so that it can be drawn again from its own row.
extension Schema {
    /// `considered` holds the allowed candidates with their scores, values and prices; `scored_through` is the last
    /// outcome in the scores (0 = the plan's own, −1 = of a version that did not record it).
    static let liveEvidence = """
        ALTER TABLE live_decision ADD COLUMN considered BLOB NOT NULL DEFAULT x'';
        ALTER TABLE live_decision ADD COLUMN exploration_floor REAL NOT NULL DEFAULT 0;
        ALTER TABLE live_decision ADD COLUMN scored_through INTEGER NOT NULL DEFAULT -1;
        ALTER TABLE live_decision ADD COLUMN seed INTEGER NOT NULL DEFAULT 0;
        DROP TRIGGER live_decision_keeps_values;
        CREATE TRIGGER live_decision_keeps_values BEFORE UPDATE ON live_decision
            WHEN NOT (new.hcp_id LIKE 'erased:%' AND (new.decision_no, new.decision_id, new.key_no, new.at, new.run_id,
                    new.model_version, new.strategy_version, new.arm, new.asked, new.outcomes_seen, new.temperature,
                    new.no_touch_propensity, new.shown, new.refused, new.recorded_at, new.considered,
                    new.exploration_floor, new.scored_through, new.seed)
                IS (old.decision_no, old.decision_id, old.key_no, old.at, old.run_id, old.model_version,
                    old.strategy_version, old.arm, old.asked, old.outcomes_seen, old.temperature,
                    old.no_touch_propensity, old.shown, old.refused, old.recorded_at, old.considered,
                    old.exploration_floor, old.scored_through, old.seed))
            BEGIN SELECT RAISE(ABORT, 'live_decision is append-only'); END;
        """
}
