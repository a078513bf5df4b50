internal import Ledger

// `Decisioning` and `Ledger` both speak of consent columns; in this room the ledger's go by this name.
typealias LedgerConsents = ConsentColumns
