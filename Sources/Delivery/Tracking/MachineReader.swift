/// Tells opens and clicks of machines from those of people, as far as a request shows it.
///
/// Privacy proxies and scanners fetch what a message holds, often within seconds, whether or not anybody reads it: such
/// an open says nothing about the HCP, and is stored under another name.
package struct MachineReader: Sendable {
    /// An open within so many seconds of sending is no person.
    package var opensAfter: Int64 = 10
    /// A click within so many seconds of sending is a scanner that follows every link.
    package var clicksAfter: Int64 = 5

    package init() {}

    /// What a request shows.
    package struct Request: Sendable, Hashable {
        package var userAgent: String?
        /// `Sec-Purpose`, `Purpose`, `X-Purpose`, `X-Moz`.
        package var purpose: String?
        /// Microseconds since 1970.
        package var at: Int64

        package init(userAgent: String?, purpose: String? = nil, at: Int64) {
            self.userAgent = userAgent
            self.purpose = purpose
            self.at = at
        }
    }

    /// Image proxies of Gmail, Yahoo and others; scanners; tools. Lower case.
    private static let marks = [
        "googleimageproxy", "yahoomailproxy", "yahoo! slurp", "duckduckgo", "proofpoint", "mimecast", "barracuda",
        "bitdefender", "symantec", "messagelabs", "fireeye", "cloudmark", "trendmicro", "safelinks", "ironport",
        "bot", "crawler", "spider", "preview", "scanner", "curl/", "wget/", "python-", "go-http-client", "java/",
        "okhttp", "libwww", "headless", "phantomjs", "httpclient", "axios", "node-fetch", "feedfetcher",
    ]

    /// - Parameter sentAt: when the message left, microseconds since 1970; nil when that is not known yet.
    package func isMachine(_ request: Request, isClick: Bool, sentAt: Int64?) -> Bool {
        if let purpose = request.purpose?.lowercased(),
            ["prefetch", "preview", "prerender"].contains(where: purpose.contains)
        {
            return true
        }
        let agent = (request.userAgent ?? "").lowercased()
        // Apple's Mail Privacy Protection says this and nothing more.
        if agent.isEmpty || agent == "mozilla/5.0" { return true }
        if Self.marks.contains(where: agent.contains) { return true }
        // An open before the message is known to have left comes from a machine on the way.
        guard let sentAt else { return true }
        return request.at < sentAt + (isClick ? clicksAfter : opensAfter) * 1_000_000
    }
}
