import EngagementModel
import Foundation
import Testing

@testable import Simulation

@Suite struct CanonicalFilesTests {
    private let written: WrittenMarket

    init() throws { written = try WrittenMarket.shared.get() }

    /// The contract's columns, spelled once more here so that a slip in the source shows.
    private static let contract: [String: String] = [
        "hco": "hco_id,name,kind,parent_hco_id,address_line,city,region,postal_code,country,latitude,longitude,beds",
        "hcp":
            "hcp_id,npi,first_name,last_name,credential,profession,stakeholder,specialty,primary_hco_id,email,phone,address_line,city,region,postal_code,country,latitude,longitude,timezone,language,access",
        "identifier": "subject_kind,subject_id,scheme,value,status,expires_at",
        "affiliation": "hcp_id,hco_id,role,buying_role,start_date,end_date,strength",
        "territory": "territory_id,name,parent_territory_id,country",
        "alignment": "territory_id,team,hcp_id,hco_id,start_date,end_date",
        "rep_territory": "rep_id,territory_id,start_date,end_date",
        "rep":
            "rep_id,name,email,kind,team,territory_id,manager_id,minutes_per_day,home_latitude,home_longitude,timezone",
        "rep_calendar": "rep_id,day,minutes_available,reason,known_at",
        "appointment": "appointment_id,rep_id,hcp_id,starts_at,minutes,channel,status,known_at",
        "interaction":
            "interaction_id,hcp_id,occurred_at,channel,direction,purpose,kind,rep_id,content_id,product_id,campaign_id,decision_id,status,response,responded_at,duration_seconds,parent_interaction_id,machine",
        "consent":
            "consent_id,hcp_id,channel,address,purpose,product_id,status,basis,text_version,captured_at,expires_at,evidence",
        "content":
            "content_id,version,title,topic,format,product_id,purpose,audience,indication,channels,language,countries,mlr_state,approved_at,expires_at,body",
        "campaign": "campaign_id,name,brand,start_date,end_date,known_at",
        "event": "event_id,kind,title,starts_at,seats,product_id,known_at",
        "event_attendance": "event_id,hcp_id,status,minutes,questions,demo_requested,known_at",
        "inquiry": "inquiry_id,hcp_id,received_at,channel,product_id,text",
        "note": "note_id,rep_id,hcp_id,written_at,text",
        "survey": "survey_id,hcp_id,asked_at,question,answer,score",
        "transfer_of_value": "transfer_id,hcp_id,occurred_at,nature,amount,currency,product_id,event_id",
        "product": "product_id,brand,treatment_area,kind,unit,list_price,currency,gtin",
        "volume": "period_start,subject_kind,subject_id,product_id,measure,value,suppressed,known_at",
        "order":
            "order_id,hco_id,hcp_id,ordered_at,channel,rep_id,purchase_order,ship_to_hco_id,contract_id,status,total,currency",
        "order_line": "order_id,line,product_id,quantity,unit,unit_price",
        "contract": "contract_id,hco_id,start_date,end_date,terms",
        "price": "contract_id,product_id,unit,min_quantity,unit_price,start_date,end_date",
        "procedure_product": "code_system,code,product_id,units_per_procedure",
        "claim": "claim_id,hco_id,service_date,code_system,code,units",
        "inventory": "hco_id,product_id,day,stock",
    ]

    @Test func everyFileHasTheContractsColumnsAndRows() throws {
        #expect(CanonicalTable.allCases.count == Self.contract.count)
        for table in CanonicalTable.allCases {
            let file = try written[table]
            #expect(file.header.joined(separator: ",") == Self.contract[table.rawValue], "\(table.rawValue)")
            #expect(!file.rows.isEmpty, "\(table.rawValue) is empty")
        }
    }

    @Test func keysAreUnique() throws {
        let keys: [CanonicalTable: [String]] = [
            .hco: ["hco_id"], .hcp: ["hcp_id"], .rep: ["rep_id"], .territory: ["territory_id"],
            .interaction: ["interaction_id"], .consent: ["consent_id"], .content: ["content_id"],
            .campaign: ["campaign_id"], .event: ["event_id"], .eventAttendance: ["event_id", "hcp_id"],
            .inquiry: ["inquiry_id"], .note: ["note_id"], .survey: ["survey_id"], .transferOfValue: ["transfer_id"],
            .product: ["product_id"], .appointment: ["appointment_id"], .order: ["order_id"],
            .orderLine: ["order_id", "line"], .contract: ["contract_id"],
            .price: ["contract_id", "product_id", "min_quantity"], .repCalendar: ["rep_id", "day"],
            .volume: ["period_start", "subject_kind", "subject_id", "product_id", "measure"],
            .identifier: ["subject_kind", "subject_id", "scheme", "value"],
            .affiliation: ["hcp_id", "hco_id", "role"], .alignment: ["territory_id", "team", "hcp_id", "hco_id"],
            .repTerritory: ["rep_id", "territory_id"], .claim: ["claim_id"],
            .procedureProduct: ["code_system", "code", "product_id"], .inventory: ["hco_id", "product_id", "day"],
        ]
        #expect(keys.count == CanonicalTable.allCases.count)
        for (table, columns) in keys {
            let file = try written[table]
            let positions = columns.map(file.index)
            let values = file.rows.map { row in positions.map { row[$0] }.joined(separator: "|") }
            #expect(Set(values).count == values.count, "\(table.rawValue)")
        }
    }

    @Test func referencesAreValid() throws {
        func ids(_ table: CanonicalTable, _ column: String) throws -> Set<String> {
            Set(try written[table].column(column)).subtracting([""])
        }
        let targets: [String: Set<String>] = [
            "hcp_id": try ids(.hcp, "hcp_id"), "hco_id": try ids(.hco, "hco_id"),
            "parent_hco_id": try ids(.hco, "hco_id"), "primary_hco_id": try ids(.hco, "hco_id"),
            "ship_to_hco_id": try ids(.hco, "hco_id"), "rep_id": try ids(.rep, "rep_id"),
            "manager_id": try ids(.rep, "rep_id"), "territory_id": try ids(.territory, "territory_id"),
            "parent_territory_id": try ids(.territory, "territory_id"), "product_id": try ids(.product, "product_id"),
            "content_id": try ids(.content, "content_id"), "campaign_id": try ids(.campaign, "campaign_id"),
            "event_id": try ids(.event, "event_id"), "contract_id": try ids(.contract, "contract_id"),
            "order_id": try ids(.order, "order_id"),
            "parent_interaction_id": try ids(.interaction, "interaction_id"),
        ]
        for table in CanonicalTable.allCases {
            let file = try written[table]
            for column in file.header {
                guard let known = targets[column] else { continue }
                let unknown = Set(file.column(column)).subtracting(known).subtracting([""])
                #expect(unknown.isEmpty, "\(table.rawValue).\(column): \(unknown.prefix(3))")
            }
        }
        let volume = try written[.volume]
        #expect(Set(volume.column("subject_id")).isSubset(of: try ids(.hcp, "hcp_id")))
    }

    @Test func closedListsAreKept() throws {
        func check<L: ClosedList>(_ table: CanonicalTable, _ column: String, _: L.Type) throws {
            let allowed = Set(L.allCases.map(\.rawValue)).union([""])
            let values = Set(try written[table].column(column))
            #expect(values.isSubset(of: allowed), "\(table.rawValue).\(column): \(values.subtracting(allowed))")
        }
        try check(.interaction, "channel", Channel.self)
        try check(.interaction, "direction", Direction.self)
        try check(.interaction, "purpose", Purpose.self)
        try check(.interaction, "status", TouchStatus.self)
        try check(.interaction, "response", ResponseLevel.self)
        try check(.consent, "channel", Channel.self)
        try check(.consent, "purpose", Purpose.self)
        try check(.consent, "status", ConsentStatus.self)
        try check(.consent, "basis", ConsentBasis.self)
        try check(.content, "mlr_state", MLRState.self)
        try check(.content, "purpose", Purpose.self)
        try check(.rep, "kind", RepKind.self)
        try check(.hcp, "access", Access.self)
        try check(.hcp, "stakeholder", Stakeholder.self)
        let kinds = Set(try written[.interaction].column("kind"))
        #expect(
            kinds == ["touch", "open", "click", "view", "reply", "attend", "question", "unsubscribe", "bounce"])
        #expect(Set(try written[.interaction].column("channel")) == Set(Channel.allCases.map(\.rawValue)))
        for state in [MLRState.expired, .draft, .inReview, .superseded, .approvedForDistribution] {
            #expect(try written[.content].column("mlr_state").contains(state.rawValue))
        }
    }

    @Test func identifiersAreValid() throws {
        let hcps = try written[.hcp]
        let (npi, country, stakeholder) = (hcps.index("npi"), hcps.index("country"), hcps.index("stakeholder"))
        for row in hcps.rows {
            #expect(row[npi].isEmpty == (row[country] != "US" || row[stakeholder] != "clinical"))
            #expect(row[npi].isEmpty || NPI.isValid(row[npi]))
            #expect(row[npi].isEmpty || NPI.complete(String(row[npi].dropLast())) == row[npi])
        }
        // Each HCP has its own; only a second record shares it.
        let first = hcps.rows.filter { $0[0].hasPrefix("H") && !$0[npi].isEmpty }.map { $0[npi] }
        #expect(Set(first).count == first.count)
        let emails = hcps.rows.filter { $0[0].hasPrefix("H") }.map { $0[hcps.index("email")] }.filter { !$0.isEmpty }
        #expect(Set(emails).count == emails.count)
        #expect(
            emails.allSatisfy {
                $0.hasSuffix("@example.com") || $0.hasSuffix("@example.net") || $0.hasSuffix("@example.org")
            })
        let missing = 1 - Double(emails.count) / 1500
        #expect(abs(missing - 0.07) < 0.03)
        for code in try written[.product].column("gtin") {
            let digits = code.utf8.map { Int($0) - 48 }
            let sum = digits.enumerated().reduce(0) { $0 + $1.element * ($1.offset % 2 == 0 ? 1 : 3) }
            #expect(digits.count == 13 && sum % 10 == 0)
        }
    }

    @Test func datesLieWithinTheHistory() throws {
        let start = written.market.startDay
        #expect(start == Day(year: 2024, month: 1, day: 1))
        let end = "2025-12-31T23:59:59Z"
        for table in CanonicalTable.allCases {
            let file = try written[table]
            for column in [
                "occurred_at", "responded_at", "captured_at", "received_at", "written_at", "asked_at", "ordered_at",
                "known_at",
            ]
            where file.header.contains(column) {
                let values = file.column(column).filter { !$0.isEmpty }
                let day = values.compactMap { Day($0.prefix(10)) }
                #expect(day.count == values.count)
                #expect(table == .repCalendar || values.allSatisfy { $0 <= end }, "\(table.rawValue).\(column)")
                #expect(values.allSatisfy { $0.count == 20 && $0.hasSuffix("Z") })
            }
        }
        #expect(try written[.interaction].column("occurred_at").allSatisfy { $0 >= "2024-01-01T00:00:00Z" })
        #expect(try written[.appointment].column("starts_at").allSatisfy { $0 > end })
        // A month becomes known about three weeks after its end: November is, December is not.
        #expect(try written[.volume].column("period_start").max() == "2025-11-01")
        #expect(try written[.volume].column("period_start").min() == "2024-01-01")
    }

    @Test func theSpellingsOfHotRowsAreTheRawValues() {
        for channel in Channel.allCases {
            #expect("\(channel.name)" == channel.rawValue)
            #expect(channel.ordinal == Int(channel.code))
        }
        for purpose in Purpose.allCases { #expect("\(purpose.name)" == purpose.rawValue) }
        for status in TouchStatus.allCases { #expect("\(status.name)" == status.rawValue) }
        for level in ResponseLevel.allCases {
            #expect("\(level.name)" == level.rawValue)
            #expect(level.ordinal == Int(level.code))
        }
    }
}
