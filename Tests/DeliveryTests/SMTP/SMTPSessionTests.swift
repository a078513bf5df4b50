import EngagementModel
import Foundation
import Statistics
import Testing

@testable import Delivery

/// The conversation as a value, without a socket.
struct SMTPSessionTests {
    private func mail(_ text: String = "Subject: x\r\n\r\nhello\r\n") throws -> WireMail {
        WireMail(
            returnPath: "b-1-x@engage.example.com", recipient: try MailAddress("h0@hospital.example"),
            bytes: Array(text.utf8))
    }

    private func ready(_ abilities: String = "250-x\r\n250 PIPELINING\r\n") -> SMTPSession {
        var session = SMTPSession(SMTPTerms(security: .none, helloName: "me.example"))
        _ = session.received(Array("220 x\r\n".utf8))
        _ = session.received(Array(abilities.utf8))
        return session
    }

    private func outcomes(_ actions: [SMTPSession.Action]) -> [SMTPOutcome] {
        actions.compactMap { if case .outcome(let outcome) = $0 { outcome } else { nil } }
    }

    @Test func whatIsSentIsExactlyThis() throws {
        var session = ready("250-x\r\n250-PIPELINING\r\n250 SIZE 1000\r\n")
        let ahead = "MAIL FROM:<b-1-x@engage.example.com> SIZE=21\r\nRCPT TO:<h0@hospital.example>\r\nDATA\r\n"
        #expect(session.give(try mail()) == [.send(Array(ahead.utf8)), .wait(.command)])
        _ = session.received(Array("250 ok\r\n250 ok\r\n".utf8))
        #expect(
            session.received(Array("354 go\r\n".utf8))
                == [.send(Array("Subject: x\r\n\r\nhello\r\n.\r\n".utf8)), .wait(.final)])
        #expect(session.received(Array("250 kept\r\n".utf8)) == [.rest, .outcome(.accepted), .ready])
        #expect(session.isIdle)
    }

    @Test func afterARefusalTheNextMailStartsAfresh() throws {
        var session = ready()
        _ = session.give(try mail())
        let refused = session.received(Array("250 ok\r\n550 5.1.1 nobody\r\n503 no\r\n".utf8))
        #expect(outcomes(refused) == [.refused(code: "smtp_550_5.1.1", suppresses: true)])
        #expect(refused.contains(.send(Array("RSET\r\n".utf8))) && !session.isIdle)
        #expect(session.received(Array("250 ok\r\n".utf8)) == [.rest, .ready])
        _ = session.give(try mail())
        let sent = session.received(Array("250 ok\r\n250 ok\r\n354 go\r\n250 kept\r\n".utf8))
        #expect(outcomes(sent) == [.accepted])
    }

    /// Whatever a server says: one answer for each mail, and success only after a text that was taken.
    @Test func noServerCanConfuseIt() throws {
        var random = SeededGenerator(seed: 11)
        let words = [
            "250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250-more\r\n", "550 5.1.1 no\r\n", "450 later\r\n",
            "421 bye\r\n", "220 hi\r\n",
            "503 no\r\n", "999 x\r\n", "abc\r\n", "\r\n", "25", "0 split\r\n", "334 dXNlcg==\r\n", "250\r\n",
            "250ok\r\n", "\u{0}\u{FF}\r\n", "552 full\r\n",
        ]
        let good = ["250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 kept\r\n"]
        var accepted = 0
        for _ in 0..<5_000 {
            var session = ready(random.chance(0.5) ? "250-x\r\n250 PIPELINING\r\n" : "250 x\r\n")
            var actions = session.give(try mail())
            var wasText = false
            for step in 0..<(1 + random.below(8)) {
                let word = random.chance(0.7) ? good[min(step, 3)] : words[random.below(words.count)]
                let answer = session.received(Array(word.utf8))
                if outcomes(answer).contains(.accepted) {
                    accepted += 1
                    #expect(wasText, "accepted before the text was sent")
                }
                if answer.contains(where: {
                    if case .send(let bytes) = $0 {
                        bytes.suffix(5).elementsEqual([13, 10, 46, 13, 10])
                    } else {
                        false
                    }
                }) {
                    wasText = true
                }
                actions += answer
            }
            actions += session.ended()
            let ends = outcomes(actions)
            #expect(ends.count == 1, "\(ends)")
            if case .later? = ends.first, wasText {
                // Only a reply to the text says for certain that it was not taken.
                guard case .later(let code, _)? = ends.first else { continue }
                #expect(code.hasPrefix("smtp_4"), "\(code) after the text")
            }
            #expect(session.isClosed)
        }
        #expect(accepted > 100)
    }

    @Test func enhancedCodesMustFitTheirReply() {
        #expect(SMTPReply(code: 550, lines: ["5.1.1 no"]).word == "smtp_550_5.1.1")
        for text in ["4.1.1 no", "5.1 no", "5.1.1.1 no", "5.a.1", "", "5.1.1000 x"] {
            #expect(SMTPReply(code: 550, lines: [text]).word == "smtp_550")
        }
    }
}
