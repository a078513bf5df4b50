import EngagementModel

extension CanonicalSchema {
    /// What was said and asked.
    static let conversation: [CanonicalTable] = [
        CanonicalTable(
            "interaction", "touch, or a response to one", key: "interaction_id", time: .moment("occurred_at"),
            required: "hcp_id occurred_at channel",
            masks: [FutureMask(moment: "responded_at", columns: ["response": "NULL", "responded_at": "NULL"])],
            .text("interaction_id"), .to("hcp", "hcp_id"), .times("occurred_at"), .choice("channel", Channel.self),
            .choice("direction", Direction.self), .choice("purpose", Purpose.self),
            .choice("kind", "touch open click view reply attend question unsubscribe bounce"),
            .to("rep", "rep_id"), .to("content", "content_id"), .to("product", "product_id"),
            .to("campaign", "campaign_id"), .text("decision_id"), .choice("status", TouchStatus.self),
            .choice("response", ResponseLevel.self), .times("responded_at"), .counts("duration_seconds"),
            .to("interaction", "parent_interaction_id"), .flags("machine")),
        CanonicalTable(
            "consent", "statement of consent", key: "consent_id", time: .moment("captured_at"),
            required: "hcp_id channel purpose status captured_at", latestBy: "captured_at",
            .text("consent_id"), .to("hcp", "hcp_id"), .choice("channel", Channel.self), .text("address"),
            .choice("purpose", Purpose.self), .to("product", "product_id"), .choice("status", ConsentStatus.self),
            .choice("basis", ConsentBasis.self), .text("text_version"), .times("captured_at", "expires_at"),
            .text("evidence")),
        // Approval and the end of it are dated: as of an earlier day the content was in review, or still good.
        CanonicalTable(
            "content", "version of a content", key: "content_id", identity: ["content_id", "version"],
            masks: [
                FutureMask(
                    moment: "expires_at",
                    columns: [
                        "mlr_state":
                            "CASE WHEN mlr_state = 'expired' THEN 'approved_for_distribution' ELSE mlr_state END"
                    ]),
                FutureMask(moment: "approved_at", columns: ["mlr_state": "'in_review'", "approved_at": "NULL"]),
            ],
            .text("content_id", "version", "title", "topic", "format"), .to("product", "product_id"),
            .choice("purpose", Purpose.self), .text("audience", "indication", "channels", "language", "countries"),
            [CanonicalColumn(name: "mlr_state", type: .reviewState)], .times("approved_at", "expires_at"),
            .text("body")),
        CanonicalTable(
            "campaign", "campaign", key: "campaign_id",
            .text("campaign_id", "name", "brand"), .days("start_date", "end_date")),
        CanonicalTable(
            "event", "event", key: "event_id", time: .moment("starts_at", leadDays: 90),
            .text("event_id"), .choice("kind", "webinar congress speaker_programme training"), .text("title"),
            .times("starts_at"), .counts("seats"), .to("product", "product_id")),
        CanonicalTable(
            "event_attendance", "person at an event", key: "event_id hcp_id",
            masks: [
                FutureMask(
                    moment: "(SELECT max(e.starts_at) FROM history.event AS e WHERE e.event_id = version.event_id)",
                    columns: [
                        "status": "CASE WHEN status IN ('attended', 'no_show') THEN 'registered' ELSE status END",
                        "minutes": "NULL", "questions": "NULL", "demo_requested": "NULL",
                    ])
            ],
            .to("event", "event_id"), .to("hcp", "hcp_id"), .choice("status", "invited registered attended no_show"),
            .numbers("minutes"), .counts("questions"), .flags("demo_requested")),
        CanonicalTable(
            "inquiry", "inquiry", key: "inquiry_id", time: .moment("received_at"),
            .text("inquiry_id"), .to("hcp", "hcp_id"), .times("received_at"), .choice("channel", Channel.self),
            .to("product", "product_id"), .text("text")),
        CanonicalTable(
            "service_case", "service case", key: "case_id", time: .moment("opened_at"),
            masks: [FutureMask(moment: "closed_at", columns: ["closed_at": "NULL", "status": "'open'"])],
            .text("case_id"), .to("hcp", "hcp_id"), .to("hco", "hco_id"), .to("product", "product_id"),
            .to("asset", "asset_id"), .times("opened_at", "closed_at"), .text("kind", "status"),
            .to("rep", "assignee_rep_id"), .text("text")),
        CanonicalTable(
            "note", "note of a rep", key: "note_id", time: .moment("written_at"),
            .text("note_id"), .to("rep", "rep_id"), .to("hcp", "hcp_id"), .times("written_at"), .text("text")),
        CanonicalTable(
            "interview", "interview", key: "interview_id", time: .moment("held_at"),
            .text("interview_id"), .to("hcp", "hcp_id"), .times("held_at"), .text("interviewer", "text")),
        CanonicalTable(
            "survey", "answer to a question", key: "survey_id", identity: ["survey_id", "hcp_id", "question"],
            time: .moment("asked_at"),
            .text("survey_id"), .to("hcp", "hcp_id"), .times("asked_at"), .text("question", "answer"),
            .numbers("score")),
        CanonicalTable(
            "transfer_of_value", "transfer of value", key: "transfer_id", time: .moment("occurred_at"),
            .text("transfer_id"), .to("hcp", "hcp_id"), .times("occurred_at"), .text("nature"), .numbers("amount"),
            .text("currency"), .to("product", "product_id"), .to("event", "event_id")),
    ]
}
