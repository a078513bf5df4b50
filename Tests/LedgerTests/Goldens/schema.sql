CREATE TABLE app_user (
    user_no INTEGER PRIMARY KEY AUTOINCREMENT,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    rep_id TEXT,
    password_hash TEXT NOT NULL,
    disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    before TEXT,
    after TEXT,
    prev_hash BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;

CREATE TABLE audit_head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT;

CREATE TABLE consent (
    consent_no INTEGER PRIMARY KEY,
    consent_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    hcp_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    address TEXT NOT NULL,
    purpose TEXT NOT NULL,
    product_id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('opt_in', 'opt_out', 'pending', 'objection')),
    basis TEXT CHECK (basis IN ('consent', 'legitimate_interest', 'contract')),
    text_version TEXT,
    captured_at INTEGER NOT NULL,
    expires_at INTEGER,
    evidence TEXT,
    origin TEXT NOT NULL CHECK (origin IN ('loaded', 'rapport')),
    recorded_at INTEGER NOT NULL,
    superseded_at INTEGER,
    UNIQUE (consent_id, version)
) STRICT;

CREATE TABLE contact (
    contact_no INTEGER PRIMARY KEY,
    interaction_id TEXT UNIQUE,
    hcp_id TEXT NOT NULL,
    channel TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('push', 'pull')),
    purpose TEXT,
    product_id TEXT,
    content_id TEXT,
    campaign_id TEXT,
    sender TEXT,
    decision_id TEXT,
    occurred_at INTEGER NOT NULL,
    day INTEGER NOT NULL,
    status TEXT NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('loaded', 'rapport')),
    recorded_at INTEGER NOT NULL
) STRICT;

CREATE TABLE decision (
    decision_no INTEGER PRIMARY KEY,
    decision_id TEXT NOT NULL UNIQUE,
    run_no INTEGER NOT NULL REFERENCES run (run_no),
    hcp_id TEXT NOT NULL,
    hco_id TEXT,
    day INTEGER,
    hour INTEGER,
    channel TEXT,
    content_id TEXT,
    product_id TEXT,
    purpose TEXT NOT NULL,
    sender TEXT,
    objective TEXT,
    expected_effect REAL NOT NULL,
    effect_low REAL NOT NULL,
    effect_high REAL NOT NULL,
    value REAL NOT NULL,
    cost REAL NOT NULL,
    price REAL NOT NULL,
    propensity REAL NOT NULL,
    arm TEXT NOT NULL,
    reason_1 TEXT,
    reason_2 TEXT,
    reason_3 TEXT,
    strategy_version TEXT,
    model_version TEXT,
    plan_rank INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('planned', 'shown', 'accepted', 'edited', 'dismissed', 'snoozed',
        'executed', 'expired')),
    due_day INTEGER,
    due_hour INTEGER,
    due_content_id TEXT,
    changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE decision_event (
    event_no INTEGER PRIMARY KEY,
    decision_no INTEGER NOT NULL REFERENCES decision (decision_no),
    kind TEXT NOT NULL CHECK (kind IN ('shown', 'accepted', 'edited', 'dismissed', 'snoozed', 'executed',
        'expired')),
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    cause TEXT,
    note TEXT,
    edits TEXT,
    idempotency_key TEXT,
    request_hash BLOB
) STRICT;

CREATE TABLE feedback (
    feedback_no INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    decision_id TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('actioned', 'dismissed', 'completed')),
    at INTEGER NOT NULL,
    result TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    UNIQUE (source, external_id, outcome)
) STRICT;

CREATE TABLE run (
    run_no INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL UNIQUE,
    as_of INTEGER NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('full', 'rules_only')),
    strategy_version TEXT NOT NULL,
    model_version TEXT NOT NULL,
    published_at INTEGER NOT NULL,
    touches INTEGER NOT NULL,
    idle INTEGER NOT NULL,
    expired INTEGER NOT NULL,
    digest BLOB NOT NULL,
    summary TEXT
) STRICT;

CREATE TABLE session (
    token_hash BLOB PRIMARY KEY,
    user_no INTEGER NOT NULL REFERENCES app_user (user_no),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sign_in_attempt (
    login_hash BLOB PRIMARY KEY,
    failures INTEGER NOT NULL,
    locked_until INTEGER NOT NULL,
    last_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_of_subject ON audit (subject);

CREATE INDEX consent_of_hcp ON consent (hcp_id, channel, purpose, product_id, address)
    WHERE superseded_at IS NULL;

CREATE INDEX contact_of_decision ON contact (decision_id) WHERE decision_id IS NOT NULL;

CREATE INDEX contact_of_hcp ON contact (hcp_id, occurred_at);

CREATE INDEX decision_acted ON decision (sender, due_day, plan_rank)
    WHERE day IS NOT NULL AND status NOT IN ('planned', 'shown');

CREATE INDEX decision_acted_day ON decision (due_day)
    WHERE day IS NOT NULL AND status NOT IN ('planned', 'shown');

CREATE INDEX decision_acted_hcp ON decision (hcp_id, due_day)
    WHERE day IS NOT NULL AND status NOT IN ('planned', 'shown');

CREATE INDEX decision_due ON decision (run_no, sender, due_day, plan_rank) WHERE day IS NOT NULL;

CREATE UNIQUE INDEX decision_event_key ON decision_event (actor, idempotency_key)
    WHERE idempotency_key IS NOT NULL;

CREATE INDEX decision_event_of ON decision_event (decision_no);

CREATE UNIQUE INDEX decision_idle ON decision (run_no, hcp_id) WHERE day IS NULL;

CREATE UNIQUE INDEX decision_touch ON decision (run_no, hcp_id, day) WHERE day IS NOT NULL;

CREATE INDEX session_of_user ON session (user_no);

CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;

CREATE TRIGGER audit_keeps_values BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;

CREATE TRIGGER consent_keeps_rows BEFORE DELETE ON consent
    BEGIN SELECT RAISE(ABORT, 'consent is append-only'); END;

CREATE TRIGGER consent_keeps_values BEFORE UPDATE OF consent_no, consent_id, version, hcp_id, channel, address,
    purpose, product_id, status, basis, text_version, captured_at, expires_at, evidence, origin, recorded_at
    ON consent BEGIN SELECT RAISE(ABORT, 'consent is append-only'); END;

CREATE TRIGGER consent_superseded_once BEFORE UPDATE OF superseded_at ON consent
    WHEN old.superseded_at IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'consent is append-only'); END;

CREATE TRIGGER decision_event_keeps_rows BEFORE DELETE ON decision_event
    BEGIN SELECT RAISE(ABORT, 'decision_event is append-only'); END;

CREATE TRIGGER decision_event_keeps_values BEFORE UPDATE ON decision_event
    BEGIN SELECT RAISE(ABORT, 'decision_event is append-only'); END;
