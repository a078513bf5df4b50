/// How far an HCP or the site lets representatives in.
public enum Access: String, ClosedList, Codable {
    case open, limited
    case noSee = "no_see"
    /// Visits only with the site's vendor credentials.
    case vendorCredentials = "vendor_credentials"
}

/// What an HCP decides about.
public enum Stakeholder: String, ClosedList, Codable { case clinical, procurement, management, payer }
