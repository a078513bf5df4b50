#!/usr/bin/env python3
"""Prints signed links of a workspace's ledger, as messages carry them: preferences, questions, the second yes of a consent.

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


def main():
    with sqlite3.connect(sys.argv[1]) as ledger:
        row = ledger.execute("SELECT value FROM ledger_secret WHERE name = 'link'").fetchone()
        if not row:
            sys.exit("the ledger has signed no link yet: start the server first")
        hcp = ledger.execute("SELECT hcp_id FROM recipient ORDER BY language = 'de' DESC, hcp_id").fetchone()[0]
        pending = ledger.execute("SELECT consent_id FROM consent WHERE status = 'pending' ORDER BY consent_no").fetchone()[0]
    for action, path, subject in (("preferences", "/p/", hcp), ("question", "/q/", hcp), ("confirm", "/c/", pending)):
        token = {"a": action, "e": int((time.time() + 86400) * 1e6), "s": subject}
        body = json.dumps(token, sort_keys=True, separators=(",", ":")).encode()
        seal = hmac.new(row[0], b"rapport.link.1\0" + body, hashlib.sha256).digest()
        print(path + encoded(body) + "." + encoded(seal))


if __name__ == "__main__":
    main()
