#!/usr/bin/env python3
"""Prints signed links of a workspace's ledger, as messages carry them: preferences, questions, the second yes of a consent,
messages on the portal (of which it puts two there, as delivery does), and those of somebody who has none.

    Tests/Browser/links.py STATE/ledger.sqlite

The same as `LinkToken`: base64url(body) . base64url(HMAC-SHA256(key, "rapport.link.1\\0" + body)).
"""

import base64
import hashlib
import hmac
import json
import sqlite3
import sys
import time


def encoded(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


NOTES = [
    ("Einladung zum Webinar", "Guten Tag,\n\nam 3. Dezember sprechen wir über Herzinsuffizienz:\n"
     "https://rapport-demo.example/events/E1\n\nIhre Ansprechpartnerin"),
    ("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft & <b>Co.</b>",
     "Ein Absatz.\nEine zweite Zeile.\n\n" + "Viele Worte, die umbrochen werden. " * 40),
]


def put_notes(ledger, hcp):
    """Two notes and their claims, in the order of states that the ledger asks for."""
    now = int(time.time() * 1e6)
    for place, (subject, text) in enumerate(NOTES):
        if ledger.execute("SELECT 1 FROM contact WHERE campaign_id = 'browser' AND step_id = ?", (str(place),)).fetchone():
            continue
        number = ledger.execute(
            "INSERT INTO contact (hcp_id, channel, direction, purpose, campaign_id, sender, occurred_at, day, status, origin,"
            " recorded_at, step_id, claim_state, claimed_at, changed_at, basis, not_before) VALUES (?, 'portal', 'push',"
            " 'service', 'browser', 'system', ?, ?, 'planned', 'rapport', ?, ?, 'claimed', ?, ?, 'service:service:DE', ?)",
            (hcp, now, now // 86400000000, now, str(place), now, now, now)).lastrowid
        ledger.execute("UPDATE contact SET claim_state = 'sent', status = 'sent' WHERE contact_no = ?", (number,))
        ledger.execute(
            "INSERT INTO portal_note (contact_no, hcp_id, language, subject, text, posted_at) VALUES (?, ?, 'de', ?, ?, ?)",
            (number, hcp, subject, text, now))


def main():
    with sqlite3.connect(sys.argv[1]) as ledger:
        row = ledger.execute("SELECT value FROM ledger_secret WHERE name = 'link'").fetchone()
        if not row:
            sys.exit("the ledger has signed no link yet: start the server first")
        hcp = ledger.execute("SELECT hcp_id FROM recipient ORDER BY language = 'de' DESC, hcp_id").fetchone()[0]
        pending = ledger.execute("SELECT consent_id FROM consent WHERE status = 'pending' ORDER BY consent_no").fetchone()[0]
        other = ledger.execute("SELECT hcp_id FROM recipient WHERE hcp_id <> ? ORDER BY language = 'en' DESC, hcp_id",
                               (hcp,)).fetchone()[0]
        put_notes(ledger, hcp)
    for action, path, subject in (("preferences", "/p/", hcp), ("question", "/q/", hcp), ("confirm", "/c/", pending),
                                  ("notes", "/n/", hcp), ("notes", "/n/", other)):
        token = {"a": action, "e": int((time.time() + 86400) * 1e6), "s": subject}
        body = json.dumps(token, sort_keys=True, separators=(",", ":")).encode()
        seal = hmac.new(row[0], b"rapport.link.1\0" + body, hashlib.sha256).digest()
        print(path + encoded(body) + "." + encoded(seal))


if __name__ == "__main__":
    main()
