import Crypto
import EngagementModel
import Foundation
import Ledger
import Words

/// What was filled in before an HCP, and the consents and the evidence that it means. Pure.
struct SignedConsent: Sendable, Hashable {
    /// How it was given.
    enum Means: String, ClosedList {
        case signature, written, verbal
        var evidence: ConsentEvidence.Means {
            switch self {
            case .signature: .signature
            case .written: .written
            case .verbal: .verbal
            }
        }
        var title: String {
            switch self {
            case .signature: "Signed here"
            case .written: "On paper, which we keep"
            case .verbal: "Said to me"
            }
        }
    }

    var language: String
    var cells: [Preferences.Cell] = []
    var productID: String?
    var means: Means?
    /// PNG or JPEG; nil = none was given.
    var image: [UInt8]?

    enum Fault: String, Error, Sendable {
        case noChoice = "Mark at least one way and subject."
        case noMeans = "Say how the consent was given."
        case noSignature = "The signature is missing."
        case notAnImage = "The signature must be a PNG or JPEG picture."
        case tooLarge = "The picture of the signature is larger than 256 kB."
        case unknownProduct = "There is no such product."
        case outOfDate = "This form was open for too long. Please send it again."
    }

    /// What stands against recording it; nil = nothing does.
    var fault: Fault? {
        if cells.isEmpty { return .noChoice }
        guard let means else { return .noMeans }
        guard means == .signature else { return nil }
        guard let image else { return .noSignature }
        if image.count > Ledger.longestSignature { return .tooLarge }
        return [.png, .jpeg].contains(FileKind(of: image)) ? nil : .notAnImage
    }

    /// - Parameter product: the name as the page showed it.
    func evidence(company: String, product: String?) -> ConsentEvidence {
        let words = PublicWords.of(language)
        let text = words.signedText(
            company: company, choices: cells.map { words.what($0.channel, $0.purpose) }, product: product)
        return ConsentEvidence(
            means: (means ?? .verbal).evidence, language: words.language,
            textHash: Array(SHA256.hash(data: Data(text.utf8))), signature: means == .signature ? image : nil)
    }

    /// One consent for each choice, and one for each narrower refusal that the choice takes back by name.
    ///
    /// - Parameters:
    ///   - held: what holds now.
    ///   - secondYes: channels where an opt-in without a signature waits for its confirmation.
    ///   - address: where the confirmation is asked for, by channel.
    func consents(
        hcpID: String, stamp: String, held: [Consent], secondYes: Set<Channel>, address: (Channel) -> String?,
        now: Int64
    ) -> [Consent] {
        let at = max(now, (held.map(\.capturedAt).max() ?? 0) + 1)
        var result: [Consent] = []
        func add(_ cell: Preferences.Cell, product: String?, address: String? = nil, waits: Bool = false) {
            result.append(
                Consent(
                    consentID: "\(Self.prefix)\(stamp):\(result.count)", hcpID: hcpID, channel: cell.channel,
                    address: address, purpose: cell.purpose, productID: product, status: waits ? .pending : .optIn,
                    basis: .consent, textVersion: "\(PublicWords.Signed.version)-\(language)", capturedAt: at,
                    evidence: "taken by a representative"))
        }
        for cell in cells {
            guard means == .signature || !secondYes.contains(cell.channel) else {
                add(cell, product: productID, address: address(cell.channel), waits: true)
                continue
            }
            add(cell, product: productID)
            for row in held
            where row.channel == cell.channel && row.purpose == cell.purpose
                && (row.status == .optOut || row.status == .objection) && (row.address != nil || row.productID != nil)
                && (productID == nil || row.productID == productID) && (row.address, row.productID) != (nil, productID)
            {
                add(cell, product: row.productID, address: row.address)
            }
        }
        return result
    }

    static let prefix = "signed:"
}
