internal import Foundation

/// The mappings that come with Rapport, as YAML texts; a source file names one by `use` and says where the files lie.
package enum BuiltInMapping: String, Sendable, CaseIterable {
    /// National provider registry of the United States (NPPES dissemination file).
    case nppes
    /// Open Payments general payments.
    case openPayments = "open_payments"
    /// Medicare Part D prescribers by provider and drug.
    case medicarePartD = "medicare_part_d"
    case veevaAccount = "veeva_account"
    /// Call2_vod__c with details and discussions.
    case veevaCall = "veeva_call"
    case veevaSentEmail = "veeva_sent_email"
    case veevaConsent = "veeva_consent"

    /// Where the mapping's file lies; nil when the installation lacks its resources.
    package var path: String? {
        Bundle.module.url(forResource: rawValue, withExtension: "yaml", subdirectory: "Mappings")?.path
    }
}
