# workspace: demo
"""The second yes of a double opt-in from end to end: a consent waits, `rapport engage` asks by one mail, the link's button confirms
on the real server, and no second mail is ever written. The mail is read by Python's own library."""
import email
import email.policy
import glob
import os
import re
import sqlite3
import time

import requests

from peer_server import LEDGER, WORKSPACE, Server, check, finish, ledger, rapport

rapport("content", "import-approvals", os.path.join(WORKSPACE, "content", "approvals.csv"))
rapport("run", "--quiet")
people = [row[0] for row in ledger(
    "SELECT hcp_id FROM recipient r WHERE restricted = 0 AND NOT EXISTS (SELECT 1 FROM consent c WHERE c.hcp_id = r.hcp_id"
    " AND c.channel = 'email') ORDER BY hcp_id LIMIT 2")]


def wait(name, hcp, address):
    """As a web form of the company's writes it down."""
    now = int(time.time() * 1e6)
    with sqlite3.connect(LEDGER, timeout=30) as db:
        db.execute(
            "INSERT INTO consent (consent_id, hcp_id, channel, address, purpose, product_id, status, basis, text_version,"
            " captured_at, origin, version, recorded_at) VALUES (?, ?, 'email', ?, 'educational', '', 'pending', 'consent',"
            " 'web-3', ?, 'rapport', 1, ?)", (name, hcp, address, now - 3_600_000_000, now))


def mails(address):
    found = []
    for path in sorted(glob.glob(os.path.join(WORKSPACE, "state", "outbox", "*.eml"))):
        with open(path, "rb") as file:
            mail = email.message_from_binary_file(file, policy=email.policy.default)
        if address in str(mail["To"]):
            found.append(mail)
    return found


wait("peer-1", people[0], "dr.peer@praxis.example")
blocked = os.path.join(WORKSPACE, "blocked.txt")
with open(blocked, "w") as file:
    file.write("dr.no@praxis.example\n")
rapport("consent", "suppress", blocked, "--channel", "email", "--promotional")
wait("peer-2", people[1], "Dr.No@praxis.example")
rapport("engage")
first = mails("dr.peer@praxis.example")
check("one mail asks", len(first) == 1, len(first))
check("none goes to a suppressed address", not mails("dr.no@praxis.example") and not mails("Dr.No@praxis.example"))
text = first[0].get_body(("plain",)).get_content() if first else ""
links = re.findall(r"https://\S+", text)
check("it holds one link", len(links) == 1 and "/c/" in links[0], links)
check("and no way out of a list that nobody is on", first and first[0]["List-Unsubscribe"] is None)
rapport("engage")
check("another round sends none", len(mails("dr.peer@praxis.example")) == 1)

server = Server()
server.start()
path = "/c/" + links[0].split("/c/")[1]
page = requests.get(server.url + path, timeout=30)
check("opening the link changes nothing", page.status_code == 200 and "<form" in page.text
      and ledger("SELECT count(*) FROM consent WHERE consent_id = 'peer-1/confirmed'") == [(0,)])
done = requests.post(server.url + path, data={}, timeout=30)
check("its button confirms", done.status_code == 200 and "<form" not in done.text)
check("the opt-in is there, once", ledger(
    "SELECT status, address, purpose FROM consent WHERE consent_id = 'peer-1/confirmed'")
    == [("opt_in", "dr.peer@praxis.example", "educational")])
check("the server ends cleanly", server.stop() == 0)
rapport("engage")
check("and no second mail after it", len(mails("dr.peer@praxis.example")) == 1)
check("the question is a row of the contact history", ledger(
    "SELECT purpose, claim_state FROM contact WHERE campaign_id = 'consent.confirm' AND step_id = 'peer-1'") == [("service", "sent")])
finish()
