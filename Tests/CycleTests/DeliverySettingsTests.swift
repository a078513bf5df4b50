import Cycle
import EngagementModel
import Foundation
import TestSupport
import Testing

/// The section `delivery`: a sandbox unless somebody says otherwise, and every mistake with its line.
@Suite struct DeliverySettingsTests {
    private func read(_ settings: String) throws -> WorkspaceReading {
        let folder = try TemporaryFolder()
        try folder.write(settings, to: "rapport.yaml")
        try folder.write("horizon_days: 5\n", to: "strategy.yaml")
        return Workspace.read(at: folder.url)
    }

    private static let live = """
        name: Test
        delivery:
          mode: live
          from: hello@engage.example.com
          from_name: Rapport
          postal_address: Musterweg 1, 10115 Berlin
          base_url: https://engage.example.com/
          smtp: {host: mail.example.com, user: rapport, password_file: secrets/smtp, per_domain_minute: 600}
          dkim:
            - {domain: engage.example.com, selector: s1, key_file: secrets/dkim.pem}
          webhooks:
            - {name: texts, url: "https://sms.example.com/send", secret_files: [secrets/texts], channels: [sms, messaging]}
          files: [mail, ad]
          mail_drop: state/maildir

        """

    @Test func withoutTheSectionNothingLeaves() throws {
        let workspace = try #require(try read("name: Test\n").workspace)
        #expect(workspace.settings.delivery.mode == .sandbox)
        #expect(workspace.settings.delivery.smtp == nil)
    }

    @Test func aWholeSectionIsRead() throws {
        let reading = try read(Self.live)
        #expect(reading.diagnostics.filter { $0.severity == .error }.isEmpty, "\(reading.diagnostics)")
        let delivery = try #require(reading.workspace?.settings.delivery)
        #expect(delivery.mode == .live && delivery.baseURL == "https://engage.example.com")
        #expect(delivery.smtp?.port == 587 && delivery.smtp?.tls == .starttls && delivery.smtp?.perDomainMinute == 600)
        #expect(delivery.returnDomain == "engage.example.com")
        #expect(delivery.dkim.map(\.selector) == ["s1"])
        #expect(delivery.webhooks.first?.channels == ["sms", "messaging"])
        #expect(delivery.fileChannels == ["mail", "ad"])
    }

    @Test(
        arguments: [
            ("mode: live", "mode: lvie", "unknown_value", 3),
            ("from: hello@engage.example.com", "from: hello", "bad_value", 4),
            ("base_url: https://engage.example.com/", "base_url: http://engage.example.com", "bad_value", 7),
            ("postal_address: Musterweg 1, 10115 Berlin", "tracking: true", "missing_key", nil),
            ("per_domain_minute: 600", "per_domain_minute: 0", "out_of_range", 8),
            ("password_file: secrets/smtp", "ca_file: ca.pem", "missing_key", 8),
            ("user: rapport", "tls: none, user: rapport", "password_in_clear", 8),
            ("selector: s1, ", "", "missing_key", nil), ("secret_files: [secrets/texts], ", "", "missing_key", nil),
            ("channels: [sms, messaging]", "channels: [in_person]", "unknown_value", 12),
            ("files: [mail, ad]", "files: [sms]", "duplicate_value", nil),
            ("name: texts", "name: Te xts", "bad_value", 12),
            ("mail_drop:", "maildrop:", "unknown_key", 14),
            ("https://sms.example.com/send", "http://sms.example.com", "bad_value", 12),
        ] as [(String, String, String, Int?)])
    func aMistakeIsToldWithItsLine(_ right: String, _ wrong: String, _ code: String, _ line: Int?) throws {
        let text = Self.live.replacing(right, with: wrong)
        #expect(text != Self.live)
        let found = try read(text).diagnostics.filter { $0.severity == .error }
        #expect(found.contains { $0.code == code && $0.line != nil && (line == nil || $0.line == line) }, "\(found)")
    }
}
