internal import Definitions
internal import EngagementModel
internal import Foundation

/// How messages leave: the section `delivery` of `rapport.yaml`.
///
/// The default is a sandbox: nothing leaves by accident. Secrets are files, named relative to the workspace, never values.
public struct DeliverySettings: Sendable, Hashable {
    public enum Mode: String, Sendable, Hashable { case sandbox, live }

    public struct SMTP: Sendable, Hashable {
        public enum Security: String, Sendable, Hashable { case starttls, implicit, none }
        public var host = ""
        public var port = 587
        public var tls: Security = .starttls
        public var user: String?
        public var passwordFile: String?
        /// PEM of the authorities to trust; nil = the system's.
        public var authorityFile: String?
        public var connections = 8
        /// Mails to one domain at the same time, and a minute (nil = no limit).
        public var perDomain = 4
        public var perDomainMinute: Int?
    }

    public struct DKIM: Sendable, Hashable {
        public var domain = ""
        public var selector = ""
        public var keyFile = ""
    }

    /// A receiver of signed webhooks.
    public struct Webhook: Sendable, Hashable {
        public var name = ""
        public var url = ""
        /// Each holds one `whsec_…`; the newest first.
        public var secretFiles: [String] = []
        public var channels: [String] = []
        public var deduplicates = false
    }

    public var mode: Mode = .sandbox
    public var from: String?
    public var fromName: String?
    public var replyTo: String?
    public var returnDomain: String?
    public var postalAddress: String?
    public var baseURL: String?
    /// Where an event is registered for, with `{event_id}` in its place, and where an HCP can write to.
    public var eventURL: String?
    public var contactURL: String?
    public var tracks = true
    public var smtp: SMTP?
    public var dkim: [DKIM] = []
    public var webhooks: [Webhook] = []
    /// Channels that leave as files in `state/outgoing`.
    public var fileChannels: [String] = []
    /// Folder of returned mail, relative to the workspace.
    public var mailDrop: String?

    public init() {}
}

/// Reads the section; every mistake with its line.
///
/// Keys: `mode, from, from_name, reply_to, return_domain, postal_address, base_url, event_url, contact_url, tracking, mail_drop, files,
/// smtp {host, port, tls, user, password_file, ca_file, connections, per_domain, per_domain_minute},
/// dkim [{domain, selector, key_file}], webhooks [{name, url, secret_files, channels, deduplicates}]`.
enum DeliverySection {
    static func read(_ yaml: YAMLReader) -> DeliverySettings {
        var settings = DeliverySettings()
        if let text = yaml.string("mode") {
            if let mode = DeliverySettings.Mode(rawValue: text) {
                settings.mode = mode
            } else {
                yaml.report("mode", "unknown_value", "`\(text)` is none of sandbox, live")
            }
        }
        settings.from = address(yaml, "from")
        settings.replyTo = address(yaml, "reply_to")
        settings.fromName = line(yaml, "from_name")
        settings.postalAddress = line(yaml, "postal_address")
        settings.returnDomain = yaml.string("return_domain") ?? settings.from.flatMap(domain)
        settings.baseURL = https(yaml, "base_url")
        settings.eventURL = https(yaml, "event_url")
        settings.contactURL = https(yaml, "contact_url")
        if let flag = yaml.flag("tracking") { settings.tracks = flag }
        settings.mailDrop = yaml.string("mail_drop")
        settings.fileChannels = channels(yaml, "files")
        if let inner = yaml.mapping("smtp") { settings.smtp = smtp(inner) }
        settings.dkim = yaml.mappings("dkim").map(dkim)
        settings.webhooks = yaml.mappings("webhooks").map(webhook)
        checkNames(settings, yaml)
        if settings.mode == .live { checkLive(settings, yaml) }
        yaml.finish()
        return settings
    }

    private static func smtp(_ yaml: YAMLReader) -> DeliverySettings.SMTP {
        var smtp = DeliverySettings.SMTP()
        smtp.host = yaml.required("host") ?? ""
        if let text = yaml.string("tls") {
            if let tls = DeliverySettings.SMTP.Security(rawValue: text) {
                smtp.tls = tls
            } else {
                yaml.report("tls", "unknown_value", "`\(text)` is none of starttls, implicit, none")
            }
        }
        smtp.port = yaml.integer("port", 1...65_535) ?? (smtp.tls == .implicit ? 465 : smtp.tls == .none ? 25 : 587)
        smtp.user = yaml.string("user")
        smtp.passwordFile = yaml.string("password_file")
        smtp.authorityFile = yaml.string("ca_file")
        if let value = yaml.integer("connections", 1...256) { smtp.connections = value }
        if let value = yaml.integer("per_domain", 1...256) { smtp.perDomain = value }
        smtp.perDomainMinute = yaml.integer("per_domain_minute", 1...1_000_000)
        if smtp.user != nil && smtp.passwordFile == nil {
            yaml.report(
                "user", "missing_key", "needs a password_file", remedy: "write the password into a file and name it")
        }
        if smtp.user != nil && smtp.tls == .none && smtp.host != "localhost" && smtp.host != "127.0.0.1" {
            yaml.report(
                "tls", "password_in_clear", "a password is sent only over TLS", remedy: "use starttls or implicit")
        }
        yaml.finish()
        return smtp
    }

    private static func dkim(_ yaml: YAMLReader) -> DeliverySettings.DKIM {
        let dkim = DeliverySettings.DKIM(
            domain: yaml.required("domain") ?? "", selector: yaml.required("selector") ?? "",
            keyFile: yaml.required("key_file") ?? "")
        yaml.finish()
        return dkim
    }

    private static func webhook(_ yaml: YAMLReader) -> DeliverySettings.Webhook {
        var webhook = DeliverySettings.Webhook()
        webhook.name = yaml.required("name") ?? ""
        webhook.url = yaml.required("url") == nil ? "" : https(yaml, "url") ?? ""
        webhook.secretFiles = yaml.strings("secret_files") ?? []
        if webhook.secretFiles.isEmpty {
            yaml.report("secret_files", "missing_key", "is required", remedy: "name a file that holds whsec_…")
        }
        webhook.channels = channels(yaml, "channels")
        if webhook.channels.isEmpty {
            yaml.report("channels", "missing_key", "is required", remedy: "add `channels: [sms]`")
        }
        webhook.deduplicates = yaml.flag("deduplicates") ?? false
        let isPlain =
            (1...60).contains(webhook.name.utf8.count)
            && webhook.name.utf8.allSatisfy {
                (48...57).contains($0) || (97...122).contains($0) || $0 == 45 || $0 == 95
            }
        if !isPlain { yaml.report("name", "bad_value", "expected a name of small letters, digits and hyphens") }
        yaml.finish()
        return webhook
    }

    // MARK: - Values

    private static func address(_ yaml: YAMLReader, _ key: String) -> String? {
        guard let text = yaml.string(key) else { return nil }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, parts[1].contains("."), !text.contains(where: \.isWhitespace) else {
            yaml.report(key, "bad_value", "expected an e-mail address")
            return nil
        }
        return text
    }

    private static func domain(_ address: String) -> String? { address.split(separator: "@").last.map(String.init) }

    private static func line(_ yaml: YAMLReader, _ key: String) -> String? {
        guard let text = yaml.string(key) else { return nil }
        guard !text.contains(where: \.isNewline) else {
            yaml.report(key, "bad_value", "expected one line")
            return nil
        }
        return text
    }

    private static func https(_ yaml: YAMLReader, _ key: String) -> String? {
        guard let text = yaml.string(key) else { return nil }
        guard text.hasPrefix("https://"), URLComponents(string: text)?.host?.isEmpty == false else {
            yaml.report(key, "bad_value", "expected an https address")
            return nil
        }
        return text.hasSuffix("/") && key == "base_url" ? String(text.dropLast()) : text
    }

    private static func channels(_ yaml: YAMLReader, _ key: String) -> [String] {
        let names = yaml.strings(key) ?? []
        for name in names where Channel(rawValue: name).map(\.isHuman) ?? true {
            yaml.report(key, "unknown_value", "`\(name)` is no channel that messages leave by")
        }
        return names
    }

    // MARK: - The whole

    private static func checkNames(_ settings: DeliverySettings, _ yaml: YAMLReader) {
        if Set(settings.webhooks.map(\.name)).count < settings.webhooks.count {
            yaml.report("webhooks", "duplicate_key", "two webhooks have the same name")
        }
        let served = settings.webhooks.flatMap(\.channels) + settings.fileChannels
        if Set(served).count < served.count {
            yaml.report("webhooks", "duplicate_value", "a channel leaves by two ways", remedy: "name each channel once")
        }
    }

    /// What must be there before anything leaves.
    private static func checkLive(_ settings: DeliverySettings, _ yaml: YAMLReader) {
        guard settings.smtp != nil else { return }
        let needed: [(String, Bool)] = [
            ("from", settings.from != nil), ("postal_address", settings.postalAddress != nil),
            ("base_url", settings.baseURL != nil), ("dkim", !settings.dkim.isEmpty),
        ]
        for (key, isThere) in needed where !isThere && !yaml.has(key) {
            yaml.report(
                key, "missing_key", "is required to send mail", remedy: "add `\(key): …`, or use `mode: sandbox`")
        }
    }
}
