#!/usr/bin/python3
"""Sends through the real worker to a mail server that others wrote (aiosmtpd), and verifies what arrived with dkimpy.

Usage: delivery_smtp.py DELIVERY-PROBE. Needs what script/setup --test installs: Debian's dkim, the wheel aiosmtpd.
"""
import datetime, email, email.policy, email.utils, os, subprocess, sys, tempfile

native = os.environ.get("RAPPORT_NATIVE") or os.path.join(
    os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share"), "rapport/native")
sys.path.insert(0, os.path.join(native, "peers"))
import dkim
from aiosmtpd.controller import Controller

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
probe = sys.argv[1] if len(sys.argv) > 1 else os.path.join(root, ".build/release/DeliveryProbe")
rapport = os.environ.get("RAPPORT") or os.path.join(root, ".build/release/rapport")
mails, failures = 200, 0


def check(name, holds, why=""):
    global failures
    failures += not holds
    print(f"{'ok' if holds else 'FAILED'}: {name}{'' if holds else f' ({why})'}")


class Box:
    def __init__(self):
        self.kept = []

    async def handle_DATA(self, server, session, envelope):
        self.kept.append((envelope.mail_from, list(envelope.rcpt_tos), bytes(envelope.content)))
        return "250 2.0.0 kept"


with tempfile.TemporaryDirectory() as folder:
    key = os.path.join(folder, "rsa.pem")
    subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
    public = subprocess.run(["openssl", "rsa", "-in", key, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
    import base64
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    box = Box()
    controller = Controller(box, hostname="127.0.0.1", port=0)
    import socket
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        controller.port = free.getsockname()[1]
    controller.start()
    try:
        # The demo's own messages, put together by the composer that the server uses.
        company, day = os.path.join(folder, "company"), datetime.date.today().isoformat()
        for words in (["init", company, "--template", "demo", "--hcps", "400", "--as-of", day],
                      ["content", "import-approvals", os.path.join(company, "content/approvals.csv"), "--workspace", company],
                      ["run", "--workspace", company, "--as-of", day, "--quiet"]):
            subprocess.run([rapport, *words], check=True, capture_output=True)
        subprocess.run([probe, "bench", company, str(controller.port), str(mails), f"rsa:{key}"], check=True, capture_output=True)
    finally:
        controller.stop()
    check(f"{mails} mails arrived", len(box.kept) == mails, len(box.kept))
    parsed = [email.message_from_bytes(raw, policy=email.policy.default) for _, _, raw in box.kept]
    check("each has its own Message-ID", len({m["Message-ID"] for m in parsed}) == mails)
    check("each has its own signed return path", len({sender for sender, _, _ in box.kept}) == mails
          and all(sender.startswith("b-") and sender.endswith("@engage.example.com") for sender, _, _ in box.kept))
    check("one recipient each, the one in To", all(to == [email.utils.parseaddr(m["To"])[1]] for (_, to, _), m in zip(box.kept, parsed)))
    check("each is personal", len({m.get_body(("plain",)).get_content() for m in parsed}) == mails)
    check("dkimpy accepts every one", all(dkim.verify(raw, dnsfunc=lambda *a, **k: record) for _, _, raw in box.kept))
    check("links are tracked, each with its own", len({part for m in parsed for part in
          [m.get_body(("html",)).get_content().split("/t/o/")[1].split('"')[0]]}) == mails)

print(f"{failures} failed")
sys.exit(1 if failures else 0)
