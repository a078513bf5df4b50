import EngagementModel

/// The canonical files of a workspace (`docs/data-model.md`): one declaration each; everything else is derived.
package enum CanonicalSchema {
    package static let tables: [CanonicalTable] = people + conversation + business

    package static func table(_ name: String) -> CanonicalTable? { byName[name] }

    private static let byName = Dictionary(uniqueKeysWithValues: tables.map { ($0.name, $0) })

    // MARK: People and organisations

    static let people: [CanonicalTable] = [
        CanonicalTable(
            "hco", "organisation", key: "hco_id", required: "name",
            .text("hco_id", "name"),
            .choice(
                "kind",
                "hospital clinic practice ambulatory_surgery pharmacy laboratory payer buying_group health_system"),
            .to("hco", "parent_hco_id"),
            .text("address_line", "city", "region", "postal_code", "country"),
            .numbers("latitude", "longitude"), .counts("beds")),
        CanonicalTable(
            "hcp", "person", key: "hcp_id", required: "last_name",
            .text("hcp_id", "npi", "first_name", "last_name", "credential", "profession"),
            .choice("stakeholder", "clinical procurement management payer"),
            .text("specialty"), .to("hco", "primary_hco_id"),
            .text("email", "phone", "address_line", "city", "region", "postal_code", "country"),
            .numbers("latitude", "longitude"), .text("timezone", "language"),
            .choice("access", "open limited no_see vendor_credentials")),
        CanonicalTable(
            "identifier", "identifier of a person or organisation", key: "subject_kind subject_id scheme",
            identity: ["subject_kind", "subject_id", "scheme", "value"], required: "value",
            .text("subject_kind", "subject_id", "scheme", "value", "status"), .times("expires_at")),
        CanonicalTable(
            "affiliation", "person at an organisation in a role", key: "hcp_id hco_id",
            identity: ["hcp_id", "hco_id", "role", "start_date"], time: .moment("start_date"),
            .to("hcp", "hcp_id"), .to("hco", "hco_id"), .text("role"),
            .choice("buying_role", "user influencer decider buyer gatekeeper"),
            .days("start_date", "end_date"), .numbers("strength")),
        CanonicalTable(
            "territory", "territory", key: "territory_id",
            .text("territory_id", "name"), .to("territory", "parent_territory_id"), .text("country")),
        CanonicalTable(
            "alignment", "person or organisation in a team's territory", key: "territory_id",
            identity: ["territory_id", "team", "hcp_id", "hco_id", "start_date"], time: .moment("start_date"),
            anyOf: [["hcp_id", "hco_id"]],
            .to("territory", "territory_id"), .text("team"), .to("hcp", "hcp_id"), .to("hco", "hco_id"),
            .days("start_date", "end_date")),
        CanonicalTable(
            "rep_territory", "rep in charge of a territory", key: "rep_id territory_id",
            identity: ["rep_id", "territory_id", "start_date"], time: .moment("start_date"),
            .to("rep", "rep_id"), .to("territory", "territory_id"), .days("start_date", "end_date")),
        CanonicalTable(
            "rep", "rep", key: "rep_id", required: "name",
            .text("rep_id", "name", "email"), .choice("kind", RepKind.self), .text("team"),
            .to("territory", "territory_id"), .to("rep", "manager_id"),
            .numbers("minutes_per_day", "home_latitude", "home_longitude"), .text("timezone")),
        // A calendar is made ahead and must be seen ahead: no time of its own.
        CanonicalTable(
            "rep_calendar", "rep's day", key: "rep_id day",
            .to("rep", "rep_id"), .days("day"), .numbers("minutes_available"), .text("reason")),
        CanonicalTable(
            "appointment", "booked appointment", key: "appointment_id", time: .moment("starts_at", leadDays: 14),
            .text("appointment_id"), .to("rep", "rep_id"), .to("hcp", "hcp_id"), .times("starts_at"),
            .numbers("minutes"), .choice("channel", Channel.self), .text("status")),
        CanonicalTable(
            "referral", "referring pair and period", key: "from_hcp_id to_hcp_id period_start",
            time: .endOfPeriod("period_start"),
            .to("hcp", "from_hcp_id", "to_hcp_id"), .days("period_start"), .numbers("patients")),
    ]
}
