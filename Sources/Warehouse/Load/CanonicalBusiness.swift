extension CanonicalSchema {
    /// What was done and bought.
    static let business: [CanonicalTable] = [
        CanonicalTable(
            "product", "product", key: "product_id",
            .text("product_id", "brand", "treatment_area"),
            .choice("kind", "drug device consumable diagnostic service"),
            .text("unit"), .numbers("list_price"), .text("currency", "gtin")),
        CanonicalTable(
            "volume", "period, subject, product and measure",
            key: "period_start subject_kind subject_id product_id measure", time: .endOfPeriod("period_start"),
            .days("period_start"), .choice("subject_kind", "hcp hco territory brick"), .text("subject_id"),
            .to("product", "product_id"),
            .choice("measure", "prescriptions new_patients procedures orders units revenue tests"),
            .numbers("value"), .flags("suppressed")),
        CanonicalTable(
            "claim", "de-identified claim", key: "claim_id", time: .moment("service_date"),
            .text("claim_id"), .to("hcp", "hcp_id"), .to("hco", "hco_id"), .text("patient_token"),
            .days("service_date"), .text("code_system", "code"), .numbers("units")),
        CanonicalTable(
            "coverage", "payer, product and region", key: "payer_hco_id product_id",
            identity: ["payer_hco_id", "product_id", "region", "start_date"], time: .moment("start_date"),
            .to("hco", "payer_hco_id"), .to("product", "product_id"), .text("region"),
            .choice("status", "covered restricted not_covered"), .text("tier"), .days("start_date", "end_date")),
        CanonicalTable(
            "order", "order", key: "order_id", time: .moment("ordered_at"),
            .text("order_id"), .to("hco", "hco_id"), .to("hcp", "hcp_id"), .times("ordered_at"), .text("channel"),
            .to("rep", "rep_id"), .text("purchase_order"), .to("hco", "ship_to_hco_id"),
            .to("contract", "contract_id"), .text("status"), .numbers("total"), .text("currency")),
        CanonicalTable(
            "order_line", "line of an order", key: "order_id line",
            .to("order", "order_id"), .text("line"), .to("product", "product_id"), .numbers("quantity"),
            .text("unit"), .numbers("unit_price")),
        CanonicalTable(
            "contract", "contract", key: "contract_id", time: .moment("start_date"),
            .text("contract_id"), .to("hco", "hco_id"), .days("start_date", "end_date"), .text("terms")),
        CanonicalTable(
            "price", "price of a contract", key: "contract_id product_id",
            identity: ["contract_id", "product_id", "unit", "min_quantity", "start_date"],
            time: .moment("start_date"),
            .to("contract", "contract_id"), .to("product", "product_id"), .text("unit"), .numbers("min_quantity"),
            .numbers("unit_price"), .days("start_date", "end_date")),
        CanonicalTable(
            "quote", "quote", key: "quote_id", time: .moment("created_at"),
            .text("quote_id"), .to("hco", "hco_id"), .times("created_at"), .days("valid_until"), .text("status"),
            .numbers("total")),
        CanonicalTable(
            "opportunity", "opportunity", key: "opportunity_id", time: .moment("opened_at"),
            masks: [FutureMask(moment: "closed_at", columns: ["closed_at": "NULL", "won": "NULL", "stage": "NULL"])],
            .text("opportunity_id"), .to("hco", "hco_id"), .to("hcp", "hcp_id"), .to("product", "product_id"),
            .text("stage"), .numbers("amount"), .times("opened_at", "closed_at"), .flags("won")),
        CanonicalTable(
            "inventory", "stock of a day", key: "hco_id product_id day", time: .moment("day"),
            .to("hco", "hco_id"), .to("product", "product_id"), .days("day"), .numbers("stock")),
        CanonicalTable(
            "procedure_product", "product that a procedure uses", key: "code_system code product_id",
            .text("code_system", "code"), .to("product", "product_id"), .numbers("units_per_procedure")),
        // Theatre schedules are made ahead.
        CanonicalTable(
            "case_schedule", "scheduled cases of a day", key: "hco_id day code", time: .moment("day", leadDays: 28),
            .to("hco", "hco_id"), .days("day"), .text("code"), .numbers("cases")),
        CanonicalTable(
            "asset", "installed device", key: "asset_id", time: .moment("installed_at"),
            masks: [FutureMask(moment: "last_service_at", columns: ["last_service_at": "NULL"])],
            .text("asset_id"), .to("hco", "hco_id"), .to("product", "product_id"), .times("installed_at"),
            .days("warranty_until"), .times("last_service_at")),
    ]
}
