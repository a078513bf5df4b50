/// The canonical files that the simulator writes, with the columns of the contract (`docs/data-model.md`), in its
/// order. `known_at` follows where a row speaks of a time other than the one at which it became known.
package enum CanonicalTable: String, CaseIterable, Sendable {
    case hco, hcp, identifier, affiliation, territory, alignment
    case repTerritory = "rep_territory"
    case rep
    case repCalendar = "rep_calendar"
    case appointment, interaction, consent, content, campaign, event
    case eventAttendance = "event_attendance"
    case inquiry, note, survey
    case transferOfValue = "transfer_of_value"
    case product, volume, order
    case orderLine = "order_line"
    case contract, price
    case procedureProduct = "procedure_product"
    case claim, inventory

    package var columns: [String] { text.split(separator: " ").map(String.init) }

    private var text: String {
        switch self {
        case .hco:
            "hco_id name kind parent_hco_id address_line city region postal_code country latitude longitude beds"
        case .hcp:
            """
            hcp_id npi first_name last_name credential profession stakeholder specialty primary_hco_id email phone \
            address_line city region postal_code country latitude longitude timezone language access
            """
        case .identifier: "subject_kind subject_id scheme value status expires_at"
        case .affiliation: "hcp_id hco_id role buying_role start_date end_date strength"
        case .territory: "territory_id name parent_territory_id country"
        case .alignment: "territory_id team hcp_id hco_id start_date end_date"
        case .repTerritory: "rep_id territory_id start_date end_date"
        case .rep:
            """
            rep_id name email kind team territory_id manager_id minutes_per_day home_latitude home_longitude timezone
            """
        case .repCalendar: "rep_id day minutes_available reason known_at"
        case .appointment: "appointment_id rep_id hcp_id starts_at minutes channel status known_at"
        case .interaction:
            """
            interaction_id hcp_id occurred_at channel direction purpose kind rep_id content_id product_id campaign_id \
            decision_id status response responded_at duration_seconds parent_interaction_id machine
            """
        case .consent:
            """
            consent_id hcp_id channel address purpose product_id status basis text_version captured_at expires_at evidence
            """
        case .content:
            """
            content_id version title topic format product_id purpose audience indication channels language countries \
            mlr_state approved_at expires_at body
            """
        case .campaign: "campaign_id name brand start_date end_date known_at"
        case .event: "event_id kind title starts_at seats product_id known_at"
        case .eventAttendance: "event_id hcp_id status minutes questions demo_requested known_at"
        case .inquiry: "inquiry_id hcp_id received_at channel product_id text"
        case .note: "note_id rep_id hcp_id written_at text"
        case .survey: "survey_id hcp_id asked_at question answer score"
        case .transferOfValue: "transfer_id hcp_id occurred_at nature amount currency product_id event_id"
        case .product: "product_id brand treatment_area kind unit list_price currency gtin"
        case .volume: "period_start subject_kind subject_id product_id measure value suppressed known_at"
        case .order:
            """
            order_id hco_id hcp_id ordered_at channel rep_id purchase_order ship_to_hco_id contract_id status total currency
            """
        case .orderLine: "order_id line product_id quantity unit unit_price"
        case .contract: "contract_id hco_id start_date end_date terms"
        case .price: "contract_id product_id unit min_quantity unit_price start_date end_date"
        case .procedureProduct: "code_system code product_id units_per_procedure"
        case .claim: "claim_id hco_id service_date code_system code units"
        case .inventory: "hco_id product_id day stock"
        }
    }

    /// Tables that grow from day to day, and so have delta files.
    static let growing: [CanonicalTable] = [.interaction, .consent, .volume]
}
