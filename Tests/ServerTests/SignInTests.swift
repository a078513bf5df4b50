import EngagementModel
import Foundation
import HTTPTypes
import Hummingbird
import Ledger
import Testing

@testable import Server

struct SignInTests {
    /// Opens the door and returns its cookie and form token.
    private static func door(_ site: Site, _ client: Client, _ path: String = "/sign-in") async throws
        -> (cookie: String, token: String)
    {
        let page = try await site.get(client, path)
        let cookie = String(try #require(page.headers[.setCookie]).split(separator: ";")[0])
        return (cookie, FormToken.derived(from: String(cookie.split(separator: "=")[1])))
    }

    private static func knock(
        _ site: Site, _ client: Client, login: String, password: String, next: String? = nil
    ) async throws -> Page {
        let door = try await door(site, client)
        var fields = [("login", login), ("password", password)]
        if let next { fields.append(("next", next)) }
        return try await site.post(client, "/sign-in", fields, csrf: door.token, [.cookie: door.cookie])
    }

    @Test func aPersonComesInAndLandsAtTheirPage() async throws {
        try await Site.open { site, client in
            for (role, path) in [(Role.rep, "/today"), (.owner, "/owner"), (.safety, "/inbox"), (.admin, "/owner")] {
                let page = try await Self.knock(site, client, login: role.rawValue, password: Site.password)
                #expect(page.status == 303 && page.location == path, "\(role)")
                let cookie = try #require(page.headers[.setCookie])
                for part in ["HttpOnly", "SameSite=Lax", "Path=/"] { #expect(cookie.contains(part), "\(part)") }
                #expect(!cookie.contains("Secure"))
                let inside = try await site.get(client, path, [.cookie: String(cookie.split(separator: ";")[0])])
                #expect(inside.status == 200)
            }
        }
    }

    @Test func cookiesAreBoundToTheHostBehindTLS() async throws {
        try await Site.open(isSecure: true) { site, client in
            let page = try await Self.knock(site, client, login: "rep", password: Site.password)
            let cookie = try #require(page.headers[.setCookie])
            #expect(cookie.hasPrefix("__Host-rapport_session="))
            #expect(cookie.contains("Secure"))
            #expect(page.headers[.strictTransportSecurity] != nil)
        }
    }

    @Test func wrongPasswordsTellNothingAndSlowDown() async throws {
        try await Site.open { site, client in
            var last = try await Self.knock(site, client, login: "rep", password: "wrong password")
            #expect(last.status == 401)
            let unknown = try await Self.knock(site, client, login: "nobody", password: "wrong password")
            #expect(unknown.status == 401 && unknown.text.contains("Login or password is wrong."))
            for _ in 0..<8 { last = try await Self.knock(site, client, login: "rep", password: "wrong password") }
            #expect(last.status == 429)
            #expect(last.headers[.retryAfter] != nil)
            #expect(try await Self.knock(site, client, login: "rep", password: Site.password).status == 429)
            site.clock.advance(seconds: 3600)
            #expect(try await Self.knock(site, client, login: "rep", password: Site.password).status == 303)
        }
    }

    @Test func signingInNeedsTheFormOfThisServer() async throws {
        try await Site.open { site, client in
            let fields = [("login", "rep"), ("password", Site.password)]
            let answer1 = try await site.post(client, "/sign-in", fields)
            #expect(answer1.status == 403)
            let door = try await Self.door(site, client)
            #expect(
                (try await site.post(client, "/sign-in", fields, csrf: "forged", [.cookie: door.cookie])).status == 403)
            let abroad = try await site.post(
                client, "/sign-in", fields, csrf: door.token,
                [.cookie: door.cookie, HTTPField.Name("Sec-Fetch-Site")!: "cross-site"])
            #expect(abroad.status == 403)
        }
    }

    @Test func theWayBackStaysOnThisServer() async throws {
        try await Site.open { site, client in
            let home = try await Self.knock(
                site, client, login: "rep", password: Site.password, next: "/hcps/H1?page=2")
            #expect(home.location == "/hcps/H1?page=2")
            let evil = try await Self.knock(
                site, client, login: "rep", password: Site.password, next: "//evil.example/x")
            #expect(evil.location == "/today")
            let asked = try await site.get(client, "/hcps/H1?page=2")
            #expect(asked.location == "/sign-in?next=%2Fhcps%2FH1%3Fpage%3D2")
        }
    }

    @Test func sessionsEndBySigningOutByTimeAndByRevocation() async throws {
        try await Site.open { site, client in
            let out = try await site.post(client, "/sign-out", as: .rep)
            #expect(out.location == "/sign-in" && out.headers[.setCookie]?.contains("Max-Age=0") == true)
            let answer2 = try await site.get(client, "/today", as: .rep)
            #expect(answer2.status == 303)

            let owner = try #require(try await site.ledger.user(login: "owner"))
            let answer3 = try await site.get(client, "/owner", as: .owner)
            #expect(answer3.status == 200)
            try await site.ledger.revokeSessions(of: owner)
            let answer4 = try await site.get(client, "/owner", as: .owner)
            #expect(answer4.status == 303)

            let analyst = try #require(try await site.ledger.user(login: "analyst"))
            try await site.ledger.setRole(.rep, user: analyst, by: .system)
            let answer5 = try await site.get(client, "/owner", as: .analyst)
            #expect(answer5.status == 403)

            let answer6 = try await site.get(client, "/today", as: .msl)
            #expect(answer6.status == 200)
            site.clock.advance(seconds: 13 * 3600)
            let answer7 = try await site.get(client, "/today", as: .msl)
            #expect(answer7.status == 303)
        }
    }

    @Test func anEndedSessionSendsARowSwapToTheDoor() async throws {
        try await Site.open { site, client in
            let page = try await site.post(
                client, "/decisions/D1/accept", [], csrf: "x", [HTTPField.Name("HX-Request")!: "true"])
            #expect(page.status == 401 && page.headers[HTTPField.Name("HX-Redirect")!] == "/sign-in")
        }
    }
}
