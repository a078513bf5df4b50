CREATE TABLE account_move (
    move_no INTEGER PRIMARY KEY AUTOINCREMENT,
    hco_id TEXT NOT NULL,
    from_rep TEXT NOT NULL,
    to_rep TEXT NOT NULL CHECK (to_rep <> from_rep),
    run_id TEXT NOT NULL,
    is_in_force INTEGER NOT NULL CHECK (is_in_force IN (0, 1)),
    decided_by TEXT NOT NULL,
    decided_at INTEGER NOT NULL
) STRICT;

CREATE TABLE alignment (
    rep_id TEXT NOT NULL,
    hcp_id TEXT NOT NULL,
    first_day INTEGER NOT NULL,
    last_day INTEGER NOT NULL,
    PRIMARY KEY (rep_id, hcp_id, first_day)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_key (
    key_no INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    secret_hash BLOB NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    per_second INTEGER CHECK (per_second > 0),
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;

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

CREATE TABLE audience_member (
    member_no INTEGER PRIMARY KEY,
    way TEXT NOT NULL,
    audience TEXT NOT NULL,
    hcp_id TEXT NOT NULL,
    digest TEXT,
    contact_no INTEGER NOT NULL REFERENCES contact (contact_no),
    added_at INTEGER NOT NULL,
    removed_at INTEGER,
    CHECK ((removed_at IS NULL) = (digest IS NOT NULL)),
    CHECK (digest IS NULL OR length(digest) = 64)
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

CREATE TABLE claim_event (
    event_no INTEGER PRIMARY KEY,
    contact_no INTEGER NOT NULL REFERENCES contact (contact_no),
    state TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    cause TEXT
) STRICT;

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
, step_id TEXT, claim_state TEXT
    CHECK (claim_state IN ('claimed', 'sending', 'sent', 'failed', 'uncertain')), claimed_at INTEGER, changed_at INTEGER, basis TEXT, content_version TEXT, arm TEXT, address_hash BLOB, worker TEXT, attempts INTEGER NOT NULL DEFAULT 0, failure TEXT, not_before INTEGER) STRICT;

CREATE TABLE content_approver (
    discipline TEXT NOT NULL CHECK (discipline IN ('medical', 'legal', 'regulatory')),
    user_no INTEGER NOT NULL REFERENCES app_user (user_no),
    granted_by TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    PRIMARY KEY (discipline, user_no)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE content_use (
    message_no INTEGER NOT NULL REFERENCES content_part (part_no),
    part_no INTEGER NOT NULL REFERENCES content_part (part_no),
    PRIMARY KEY (message_no, part_no)
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

CREATE TABLE cursor (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL,
    moved_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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

CREATE TABLE delivery_endpoint (
    name TEXT PRIMARY KEY,
    disabled_at INTEGER NOT NULL,
    code TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE erased_report (
    digest BLOB PRIMARY KEY CHECK (length(digest) = 16),
    inquiry_no INTEGER NOT NULL REFERENCES inquiry (inquiry_no)
) STRICT, WITHOUT ROWID;

CREATE TABLE erasure (
    erasure_no INTEGER PRIMARY KEY,
    subject_digest BLOB NOT NULL UNIQUE,
    actor TEXT NOT NULL,
    erased_at INTEGER NOT NULL
) STRICT;

CREATE TABLE erasure_hold (
    inquiry_no INTEGER PRIMARY KEY REFERENCES inquiry (inquiry_no),
    pseudonym TEXT NOT NULL,
    held_at INTEGER NOT NULL,
    completed_at INTEGER
) STRICT;

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

CREATE TABLE event_crosswalk (
    external_id TEXT PRIMARY KEY,
    hcp_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE event_link (
    source_no INTEGER NOT NULL,
    other_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    event_no INTEGER NOT NULL,
    PRIMARY KEY (source_no, other_id, at, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE event_reader (
    reader TEXT PRIMARY KEY,
    event_no INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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

CREATE TABLE event_source (
    source_no INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('key', 'own')),
    name TEXT NOT NULL,
    UNIQUE (kind, name)
) STRICT;

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

CREATE TABLE identity_answer (
    answer_no INTEGER PRIMARY KEY AUTOINCREMENT,
    left_source TEXT NOT NULL,
    left_id TEXT NOT NULL,
    right_source TEXT NOT NULL,
    right_id TEXT NOT NULL,
    is_same INTEGER NOT NULL CHECK (is_same IN (0, 1)),
    answered_by TEXT NOT NULL,
    answered_at INTEGER NOT NULL
) STRICT;

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

CREATE TABLE "inquiry_file" (
    file_no INTEGER PRIMARY KEY,
    inquiry_no INTEGER NOT NULL REFERENCES inquiry (inquiry_no),
    entry_no INTEGER NOT NULL REFERENCES timeline_entry (entry_no),
    name TEXT NOT NULL CHECK (length(name) <= 120),
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL CHECK (size >= 0),
    digest BLOB NOT NULL CHECK (length(digest) IN (0, 32)),
    fault TEXT CHECK (fault IN ('too_large', 'too_many', 'cut', 'infected')),
    erased_at INTEGER,
    content BLOB CHECK (length(content) <= 10485760),
    CHECK ((content IS NULL) = (fault IS NOT NULL OR erased_at IS NOT NULL)),
    CHECK (content IS NULL OR (length(content) = size AND length(digest) = 32))
) STRICT;

CREATE TABLE journey_definition (
    journey_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    registered_at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    PRIMARY KEY (journey_id, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE journey_event (
    event_id TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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

CREATE TABLE journey_step (
    instance_no INTEGER NOT NULL REFERENCES journey_instance (instance_no),
    visit INTEGER NOT NULL,
    node TEXT NOT NULL,
    at INTEGER NOT NULL,
    result TEXT NOT NULL,
    contact_no INTEGER,
    PRIMARY KEY (instance_no, visit)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_secret (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_time (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    latest INTEGER NOT NULL
) STRICT;

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
, considered BLOB NOT NULL DEFAULT x'', exploration_floor REAL NOT NULL DEFAULT 0, scored_through INTEGER NOT NULL DEFAULT -1, seed INTEGER NOT NULL DEFAULT 0) STRICT;

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

CREATE TABLE own_schedule (
    hcp_id TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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

CREATE TABLE sender (
    rep_id TEXT PRIMARY KEY,
    kind TEXT NOT NULL
) STRICT, WITHOUT ROWID;

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

CREATE INDEX account_move_account ON account_move (hco_id, from_rep);

CREATE INDEX audience_member_claim ON audience_member (contact_no);

CREATE INDEX audience_member_of ON audience_member (hcp_id);

CREATE UNIQUE INDEX audience_member_once ON audience_member (way, audience, digest) WHERE removed_at IS NULL;

CREATE INDEX audit_of_subject ON audit (subject);

CREATE INDEX claim_event_of ON claim_event (contact_no);

CREATE INDEX claim_refusal_of_hcp ON claim_refusal (hcp_id, day);

CREATE INDEX consent_of_hcp ON consent (hcp_id, channel, purpose, product_id, address)
    WHERE superseded_at IS NULL;

CREATE UNIQUE INDEX contact_claim_once ON contact (campaign_id, step_id, hcp_id)
    WHERE claim_state IS NOT NULL;

CREATE INDEX contact_claim_open ON contact (claim_state, changed_at)
    WHERE claim_state IN ('claimed', 'sending', 'uncertain');

CREATE INDEX contact_of_decision ON contact (decision_id) WHERE decision_id IS NOT NULL;

CREATE INDEX contact_of_hcp ON contact (hcp_id, occurred_at);

CREATE INDEX contact_to_send ON contact (not_before) WHERE claim_state = 'claimed';

CREATE INDEX content_event_of ON content_event (part_no);

CREATE UNIQUE INDEX content_signature_one_hat ON content_signature (part_no, round, actor)
    WHERE meaning = 'approve' AND reference IS NULL;

CREATE INDEX content_signature_session ON content_signature (session, signed_at) WHERE session IS NOT NULL;

CREATE INDEX content_use_of ON content_use (part_no);

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

CREATE INDEX event_crosswalk_of_hcp ON event_crosswalk (hcp_id);

CREATE INDEX event_link_of_event ON event_link (event_no);

CREATE INDEX event_link_of_user ON event_link (user_id);

CREATE INDEX event_of_user ON event (user_id) WHERE user_id IS NOT NULL;

CREATE INDEX event_of_visitor ON event (anonymous_id) WHERE anonymous_id IS NOT NULL AND user_id IS NULL;

CREATE UNIQUE INDEX event_once ON event (source_no, message_id);

CREATE INDEX event_reject_of_user ON event_reject (user_id) WHERE user_id IS NOT NULL;

CREATE INDEX hold_of_hcp ON hold (hcp_id) WHERE released_at IS NULL;

CREATE INDEX identity_answer_pair ON identity_answer (left_source, left_id, right_source, right_id);

CREATE INDEX inquiry_file_of ON inquiry_file (inquiry_no);

CREATE INDEX inquiry_of_address ON inquiry (from_address) WHERE from_address IS NOT NULL;

CREATE INDEX inquiry_of_case ON inquiry (case_no) WHERE case_no IS NOT NULL;

CREATE INDEX inquiry_of_hcp ON inquiry (hcp_id, received_at) WHERE hcp_id IS NOT NULL;

CREATE INDEX inquiry_of_kind ON inquiry (kind, product_id, received_at);

CREATE INDEX inquiry_open ON inquiry (queue, due_at) WHERE state IN ('new', 'assigned');

CREATE INDEX journey_instance_due ON journey_instance (due_at) WHERE phase = 'waiting' AND due_at IS NOT NULL;

CREATE INDEX journey_instance_past ON journey_instance (hcp_id, journey_id, entered_at)
    WHERE phase = 'ended';

CREATE UNIQUE INDEX journey_instance_running ON journey_instance (hcp_id, journey_id) WHERE phase <> 'ended';

CREATE INDEX live_outcome_day ON live_outcome (day);

CREATE INDEX portal_note_of_hcp ON portal_note (hcp_id, posted_at);

CREATE INDEX rep_note_of_hcp ON rep_note (hcp_id, written_at);

CREATE INDEX rep_task_open ON rep_task (hcp_id, due_at) WHERE done_at IS NULL;

CREATE INDEX safety_flag_of ON safety_flag (inquiry_no);

CREATE INDEX safety_flag_open ON safety_flag (due_at) WHERE state IN ('open', 'acknowledged');

CREATE INDEX service_case_of_hcp ON service_case (hcp_id) WHERE hcp_id IS NOT NULL;

CREATE INDEX service_case_open ON service_case (due_at) WHERE state IN ('open', 'in_progress', 'waiting');

CREATE INDEX session_of_user ON session (user_no);

CREATE INDEX suppression_of ON suppression (digest) WHERE lifted_at IS NULL;

CREATE INDEX timeline_entry_of_case ON timeline_entry (case_no, at) WHERE case_no IS NOT NULL;

CREATE INDEX timeline_entry_of_inquiry ON timeline_entry (inquiry_no, at) WHERE inquiry_no IS NOT NULL;

CREATE INDEX timeline_entry_of_message ON timeline_entry (message_id) WHERE message_id IS NOT NULL;

CREATE TRIGGER account_move_keeps_rows BEFORE DELETE ON account_move
    BEGIN SELECT RAISE(ABORT, 'account_move is append-only'); END;

CREATE TRIGGER account_move_keeps_values BEFORE UPDATE ON account_move
    BEGIN SELECT RAISE(ABORT, 'account_move is append-only'); END;

CREATE TRIGGER api_key_keeps_rows BEFORE DELETE ON api_key
    BEGIN SELECT RAISE(ABORT, 'api_key is kept'); END;

CREATE TRIGGER audience_member_keeps_rows BEFORE DELETE ON audience_member
    BEGIN SELECT RAISE(ABORT, 'audience_member is kept'); END;

CREATE TRIGGER audit_keeps_rows BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;

CREATE TRIGGER audit_keeps_values BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;

CREATE TRIGGER claim_event_keeps_rows BEFORE DELETE ON claim_event
    BEGIN SELECT RAISE(ABORT, 'claim_event is append-only'); END;

CREATE TRIGGER claim_event_keeps_values BEFORE UPDATE ON claim_event
    BEGIN SELECT RAISE(ABORT, 'claim_event is append-only'); END;

CREATE TRIGGER consent_evidence_keeps_rows BEFORE DELETE ON consent_evidence
    BEGIN SELECT RAISE(ABORT, 'consent_evidence is append-only'); END;

CREATE TRIGGER consent_evidence_keeps_values BEFORE UPDATE ON consent_evidence
    WHEN NOT (new.signature IS NULL AND (new.consent_no, new.means, new.language, new.text_hash,
            new.signature_hash, new.confirms, new.actor, new.recorded_at)
        IS (old.consent_no, old.means, old.language, old.text_hash, old.signature_hash, old.confirms,
            old.actor, old.recorded_at))
    BEGIN SELECT RAISE(ABORT, 'consent_evidence is append-only'); END;

CREATE TRIGGER consent_keeps_rows BEFORE DELETE ON consent
    BEGIN SELECT RAISE(ABORT, 'consent is append-only'); END;

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

CREATE TRIGGER consent_superseded_once BEFORE UPDATE OF superseded_at ON consent
    WHEN old.superseded_at IS NOT NULL
    BEGIN SELECT RAISE(ABORT, 'consent is append-only'); END;

CREATE TRIGGER contact_claim_begins BEFORE INSERT ON contact
    WHEN new.claim_state IS NOT NULL AND (new.claim_state <> 'claimed' OR new.basis IS NULL
        OR new.campaign_id IS NULL OR new.step_id IS NULL OR new.claimed_at IS NULL
        OR new.origin <> 'rapport' OR new.direction <> 'push')
    BEGIN SELECT RAISE(ABORT, 'a claim needs a consent basis'); END;

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

CREATE TRIGGER contact_claim_needed BEFORE INSERT ON contact
    WHEN new.claim_state IS NULL AND new.origin = 'rapport' AND new.direction = 'push'
        AND new.channel NOT IN ('in_person', 'video', 'phone')
    BEGIN SELECT RAISE(ABORT, 'a message needs a claim'); END;

CREATE TRIGGER contact_claim_order BEFORE UPDATE OF claim_state ON contact
    WHEN new.claim_state IS NOT old.claim_state AND coalesce(old.claim_state, '') || '>'
        || coalesce(new.claim_state, '') NOT IN ('claimed>sending', 'claimed>failed', 'claimed>sent',
        'sending>sent', 'sending>failed', 'sending>uncertain', 'sending>claimed', 'uncertain>sent',
        'uncertain>failed', 'uncertain>claimed')
    BEGIN SELECT RAISE(ABORT, 'a claim cannot change so'); END;

CREATE TRIGGER content_event_keeps_rows BEFORE DELETE ON content_event
    BEGIN SELECT RAISE(ABORT, 'content_event is append-only'); END;

CREATE TRIGGER content_event_keeps_values BEFORE UPDATE ON content_event
    BEGIN SELECT RAISE(ABORT, 'content_event is append-only'); END;

CREATE TRIGGER content_part_approved BEFORE UPDATE OF state ON content_part
    WHEN old.state <> new.state AND new.state IN ('approved_for_production', 'approved_for_distribution')
        AND (SELECT count(DISTINCT discipline) FROM content_signature s WHERE s.part_no = new.part_no
            AND s.round = new.round AND s.meaning = 'approve' AND s.digest = new.digest) < 3
    BEGIN SELECT RAISE(ABORT, 'all approvers have to sign'); END;

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

CREATE TRIGGER content_part_released BEFORE UPDATE OF state ON content_part
    WHEN old.state <> new.state AND new.state = 'approved_for_distribution'
        AND NOT EXISTS (SELECT 1 FROM content_signature s WHERE s.part_no = new.part_no
            AND s.round = new.round AND s.meaning = 'release' AND s.digest = new.digest)
    BEGIN SELECT RAISE(ABORT, 'a release has to be signed'); END;

CREATE TRIGGER content_signature_binds BEFORE INSERT ON content_signature
    WHEN NOT EXISTS (SELECT 1 FROM content_part p WHERE p.part_no = new.part_no AND p.digest = new.digest
        AND p.round = new.round)
    BEGIN SELECT RAISE(ABORT, 'a signature is bound to the words of its part'); END;

CREATE TRIGGER content_signature_keeps_rows BEFORE DELETE ON content_signature
    BEGIN SELECT RAISE(ABORT, 'content_signature is append-only'); END;

CREATE TRIGGER content_signature_keeps_values BEFORE UPDATE ON content_signature
    BEGIN SELECT RAISE(ABORT, 'content_signature is append-only'); END;

CREATE TRIGGER decision_event_keeps_rows BEFORE DELETE ON decision_event
    BEGIN SELECT RAISE(ABORT, 'decision_event is append-only'); END;

CREATE TRIGGER decision_event_keeps_values BEFORE UPDATE ON decision_event
    WHEN NOT (new.note IS NULL
        AND (new.event_no, new.decision_no, new.kind, new.actor, new.at, new.cause, new.edits,
            new.idempotency_key, new.request_hash)
        IS (old.event_no, old.decision_no, old.kind, old.actor, old.at, old.cause, old.edits,
            old.idempotency_key, old.request_hash))
    BEGIN SELECT RAISE(ABORT, 'decision_event is append-only'); END;

CREATE TRIGGER erasure_hold_ends_once BEFORE UPDATE ON erasure_hold
    WHEN old.completed_at IS NOT NULL OR new.completed_at IS NULL
        OR (new.inquiry_no, new.pseudonym, new.held_at) IS NOT (old.inquiry_no, old.pseudonym, old.held_at)
        OR EXISTS (SELECT 1 FROM safety_flag f WHERE f.inquiry_no = new.inquiry_no
            AND f.state IN ('open', 'acknowledged'))
    BEGIN SELECT RAISE(ABORT, 'an erasure waits for its safety flags'); END;

CREATE TRIGGER erasure_hold_keeps_rows BEFORE DELETE ON erasure_hold
    BEGIN SELECT RAISE(ABORT, 'a held erasure is kept'); END;

CREATE TRIGGER erasure_hold_restricts BEFORE UPDATE OF queue, medical ON inquiry
    WHEN (new.medical = 0 OR new.queue NOT IN ('safety', 'medical')) AND EXISTS (SELECT 1 FROM erasure_hold h
        WHERE h.inquiry_no = new.inquiry_no AND h.completed_at IS NULL)
    BEGIN SELECT RAISE(ABORT, 'an erased person''s report lies with safety or medical'); END;

CREATE TRIGGER event_keeps_rows BEFORE DELETE ON event
    BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;

CREATE TRIGGER event_keeps_values BEFORE UPDATE ON event
    WHEN NOT (new.user_id LIKE 'erased:%' AND new.anonymous_id IS NULL AND new.payload = '{}'
        AND (new.event_no, new.source_no, new.message_id, new.kind, new.name, new.occurred_at, new.original_at,
            new.sent_at, new.received_at, new.clamped)
        IS (old.event_no, old.source_no, old.message_id, old.kind, old.name, old.occurred_at, old.original_at,
            old.sent_at, old.received_at, old.clamped))
    BEGIN SELECT RAISE(ABORT, 'event is append-only'); END;

CREATE TRIGGER event_source_keeps_rows BEFORE DELETE ON event_source
    BEGIN SELECT RAISE(ABORT, 'event_source is kept'); END;

CREATE TRIGGER identity_answer_is_ordered BEFORE INSERT ON identity_answer
    WHEN NOT (new.left_source, new.left_id) < (new.right_source, new.right_id)
    BEGIN SELECT RAISE(ABORT, 'identity_answer names the lower record first'); END;

CREATE TRIGGER identity_answer_keeps_rows BEFORE DELETE ON identity_answer
    BEGIN SELECT RAISE(ABORT, 'identity_answer is append-only'); END;

CREATE TRIGGER identity_answer_keeps_values BEFORE UPDATE ON identity_answer
    WHEN NOT ((new.left_id LIKE 'erased:%' OR new.right_id LIKE 'erased:%')
        AND (new.answer_no, new.left_source, new.right_source, new.is_same, new.answered_by, new.answered_at)
            IS (old.answer_no, old.left_source, old.right_source, old.is_same, old.answered_by,
                old.answered_at)
        AND (new.left_id = old.left_id OR new.left_id LIKE 'erased:%')
        AND (new.right_id = old.right_id OR new.right_id LIKE 'erased:%'))
    BEGIN SELECT RAISE(ABORT, 'identity_answer is append-only'); END;

CREATE TRIGGER inquiry_begins BEFORE INSERT ON inquiry
    WHEN new.state <> 'new' OR new.version <> 1
    BEGIN SELECT RAISE(ABORT, 'an inquiry begins new'); END;

CREATE TRIGGER inquiry_file_keeps_rows BEFORE DELETE ON inquiry_file
    BEGIN SELECT RAISE(ABORT, 'inquiry_file is append-only'); END;

CREATE TRIGGER inquiry_file_keeps_values BEFORE UPDATE ON inquiry_file
    WHEN NOT (old.erased_at IS NULL AND new.erased_at IS NOT NULL AND new.name = '' AND new.content IS NULL
        AND new.digest = X''
        AND (new.file_no, new.inquiry_no, new.entry_no, new.media_type, new.size, new.fault)
        IS (old.file_no, old.inquiry_no, old.entry_no, old.media_type, old.size, old.fault)
        AND EXISTS (SELECT 1 FROM inquiry i WHERE i.inquiry_no = old.inquiry_no AND i.hcp_id LIKE 'erased:%'))
    BEGIN SELECT RAISE(ABORT, 'a file ends with its inquiry alone'); END;

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

CREATE TRIGGER inquiry_keeps_rows BEFORE DELETE ON inquiry
    BEGIN SELECT RAISE(ABORT, 'inquiry is append-only'); END;

CREATE TRIGGER inquiry_moves_on BEFORE UPDATE OF state, queue, assignee, due_at, medical ON inquiry
    WHEN new.version <> old.version + 1
    BEGIN SELECT RAISE(ABORT, 'an inquiry changes one version at a time'); END;

CREATE TRIGGER inquiry_order BEFORE UPDATE OF state ON inquiry
    WHEN new.state <> old.state AND old.state || '>' || new.state NOT IN ('new>assigned', 'new>answered',
        'new>closed', 'assigned>new', 'assigned>answered', 'assigned>closed', 'answered>new', 'answered>closed',
        'closed>new')
    BEGIN SELECT RAISE(ABORT, 'an inquiry cannot change so'); END;

CREATE TRIGGER journey_definition_keeps_rows BEFORE DELETE ON journey_definition
    BEGIN SELECT RAISE(ABORT, 'journey_definition is append-only'); END;

CREATE TRIGGER journey_definition_keeps_values BEFORE UPDATE ON journey_definition
    BEGIN SELECT RAISE(ABORT, 'journey_definition is append-only'); END;

CREATE TRIGGER journey_step_keeps_rows BEFORE DELETE ON journey_step
    BEGIN SELECT RAISE(ABORT, 'journey_step is append-only'); END;

CREATE TRIGGER journey_step_keeps_values BEFORE UPDATE ON journey_step
    BEGIN SELECT RAISE(ABORT, 'journey_step is append-only'); END;

CREATE TRIGGER live_decision_keeps_rows BEFORE DELETE ON live_decision
    BEGIN SELECT RAISE(ABORT, 'live_decision is append-only'); END;

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

CREATE TRIGGER portal_note_keeps_rows BEFORE DELETE ON portal_note
    WHEN EXISTS (SELECT 1 FROM contact c WHERE c.contact_no = old.contact_no AND c.hcp_id = old.hcp_id)
    BEGIN SELECT RAISE(ABORT, 'a note ends with its person'); END;

CREATE TRIGGER portal_note_keeps_values BEFORE UPDATE ON portal_note
    WHEN NOT (old.seen_at IS NULL AND new.seen_at IS NOT NULL
        AND (new.contact_no, new.hcp_id, new.content_id, new.content_version, new.language, new.subject,
            new.text, new.html, new.posted_at)
        IS (old.contact_no, old.hcp_id, old.content_id, old.content_version, old.language, old.subject,
            old.text, old.html, old.posted_at))
    BEGIN SELECT RAISE(ABORT, 'a note keeps its words'); END;

CREATE TRIGGER portal_note_needs_a_claim BEFORE INSERT ON portal_note
    WHEN new.seen_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM contact c WHERE c.contact_no = new.contact_no
        AND c.hcp_id = new.hcp_id AND c.channel = 'portal' AND c.claim_state = 'sent')
    BEGIN SELECT RAISE(ABORT, 'a note needs a claim that is sent'); END;

CREATE TRIGGER rep_note_keeps_rows BEFORE DELETE ON rep_note
    BEGIN SELECT RAISE(ABORT, 'rep_note is append-only'); END;

CREATE TRIGGER rep_note_keeps_values BEFORE UPDATE ON rep_note
    WHEN NOT (new.hcp_id LIKE 'erased:%' AND new.text = ''
        AND (new.note_no, new.note_id, new.author, new.product_id, new.written_at, new.expires_at,
            new.replaces)
        IS (old.note_no, old.note_id, old.author, old.product_id, old.written_at, old.expires_at,
            old.replaces))
    BEGIN SELECT RAISE(ABORT, 'rep_note is append-only'); END;

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

CREATE TRIGGER service_case_begins BEFORE INSERT ON service_case WHEN new.state <> 'open' OR new.version <> 1
    BEGIN SELECT RAISE(ABORT, 'a case begins open'); END;

CREATE TRIGGER service_case_keeps_original BEFORE UPDATE OF case_no, source, source_id, opened_at, title, asset
    ON service_case
    WHEN NOT (coalesce(new.hcp_id, '') LIKE 'erased:%' AND new.title = ''
        AND (new.case_no, new.source, new.opened_at) IS (old.case_no, old.source, old.opened_at))
    BEGIN SELECT RAISE(ABORT, 'the original of a case is kept'); END;

CREATE TRIGGER service_case_keeps_rows BEFORE DELETE ON service_case
    BEGIN SELECT RAISE(ABORT, 'service_case is append-only'); END;

CREATE TRIGGER service_case_moves_on BEFORE UPDATE OF state, owner, priority, due_at ON service_case
    WHEN new.version <> old.version + 1
    BEGIN SELECT RAISE(ABORT, 'a case changes one version at a time'); END;

CREATE TRIGGER service_case_order BEFORE UPDATE OF state ON service_case
    WHEN new.state <> old.state AND old.state || '>' || new.state NOT IN ('open>in_progress', 'open>waiting',
        'open>resolved', 'open>closed', 'in_progress>waiting', 'in_progress>resolved', 'in_progress>closed',
        'waiting>in_progress', 'waiting>resolved', 'waiting>closed', 'resolved>closed', 'resolved>open',
        'closed>open')
    BEGIN SELECT RAISE(ABORT, 'a case cannot change so'); END;

CREATE TRIGGER suppression_keeps_rows BEFORE DELETE ON suppression
    BEGIN SELECT RAISE(ABORT, 'suppression is append-only'); END;

CREATE TRIGGER suppression_keeps_values BEFORE UPDATE ON suppression
    WHEN old.lifted_at IS NOT NULL OR old.cause = 'erasure'
        OR (new.suppression_no, new.digest, new.kind, new.reach, new.cause, new.actor, new.recorded_at)
        IS NOT (old.suppression_no, old.digest, old.kind, old.reach, old.cause, old.actor, old.recorded_at)
    BEGIN SELECT RAISE(ABORT, 'suppression is append-only'); END;

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
