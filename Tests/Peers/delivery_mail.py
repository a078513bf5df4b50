#!/usr/bin/python3
"""Verifies what delivery writes with programs that others wrote: dkimpy, Standard Webhooks, icalendar, Python's e-mail parser.

Usage: delivery_mail.py DELIVERY-PROBE. Needs what script/setup --test installs: Debian's dkim and nacl, the wheels standardwebhooks and icalendar.
"""
import email, email.policy, json, os, subprocess, sys, tempfile

native = os.environ.get("RAPPORT_NATIVE") or os.path.join(
    os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share"), "rapport/native")
sys.path.insert(0, os.path.join(native, "peers"))
import dkim, icalendar
from standardwebhooks import Webhook, WebhookVerificationError

root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
probe = sys.argv[1] if len(sys.argv) > 1 else os.path.join(root, ".build/release/DeliveryProbe")
failures = 0


def check(name, holds, why=""):
    global failures
    failures += not holds
    print(f"{'ok' if holds else 'FAILED'}: {name}{'' if holds else f' ({why})'}")


def run(*arguments):
    return subprocess.run([probe, *arguments], check=True, capture_output=True, text=True).stdout


with tempfile.TemporaryDirectory() as folder:
    keys = [os.path.join(folder, name) for name in ("rsa.pem", "ed25519.pem")]
    subprocess.run(["openssl", "genrsa", "-out", keys[0], "2048"], check=True, capture_output=True)
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", keys[1]], check=True, capture_output=True)
    run("mail", folder, *keys)
    records = dict(line.rstrip("\n").split("\t") for line in open(os.path.join(folder, "records.tsv")))

    def answers(name, timeout=5):
        name = name.decode() if isinstance(name, bytes) else name
        return records[name if name.endswith(".") else name + "."].encode()

    for name in sorted(n for n in os.listdir(folder) if n.endswith(".eml")):
        raw = open(os.path.join(folder, name), "rb").read()
        message = email.message_from_bytes(raw, policy=email.policy.default)
        signatures = message.get_all("DKIM-Signature")
        check(f"{name}: two signatures", len(signatures) == 2, len(signatures))
        for index, signature in enumerate(signatures):
            algorithm = "ed25519" if "ed25519" in signature else "rsa"
            verifier = dkim.DKIM(raw)
            check(f"{name}: dkimpy accepts {algorithm}", verifier.verify(idx=index, dnsfunc=answers))
            covered = [h.decode().lower() for h in verifier.signed_headers and [k for k, _ in verifier.signed_headers]]
            check(f"{name}: {algorithm} covers the way out",
                  {"list-unsubscribe", "list-unsubscribe-post"} <= set(covered), covered)
            for what, changed in (
                ("a changed body", raw.replace(b"Musterweg", b"Irrweg", 1)),
                ("a second subject", b"Subject: other\r\n" + raw),
                ("another unsubscribe link", raw.replace(b"List-Unsubscribe: <https://engage", b"List-Unsubscribe: <https://engaged", 1)),
            ):
                if changed == raw:
                    check(f"{name}: {what} can be made", False)
                    continue
                place = index
                try:
                    holds = dkim.DKIM(changed).verify(idx=place, dnsfunc=answers)
                except dkim.DKIMException:
                    holds = False
                check(f"{name}: dkimpy refuses {what} ({algorithm})", not holds)
        check(f"{name}: Python's parser finds no defect", not message.defects and not any(p.defects for p in message.walk()),
              [message.defects] + [p.defects for p in message.walk()])
        check(f"{name}: one-click header", message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click")
        text = message.get_body(("plain",)).get_content()
        check(f"{name}: the postal address is in the text", "Musterweg 1, 10115 Berlin" in text)
        check(f"{name}: CRLF everywhere, lines within 998", b"\n" not in raw.replace(b"\r\n", b"") and
              all(len(line) <= 998 for line in raw.split(b"\r\n")))
    long = email.message_from_bytes(open(os.path.join(folder, "long.eml"), "rb").read(), policy=email.policy.default)
    check("long.eml: the subject comes back", str(long["Subject"]).rstrip() == ("Ein langer Betreff über Ärzte 🙂 und Daten " * 12).rstrip(),
          long["Subject"])
    check("letter.eml: the sender's name comes back", "Grüße von Rapport" in str(email.message_from_bytes(
        open(os.path.join(folder, "letter.eml"), "rb").read(), policy=email.policy.default)["From"]))

    calendars = os.path.join(folder, "calendars")
    os.mkdir(calendars)
    run("invitations", calendars)
    for name in sorted(os.listdir(calendars)):
        raw = open(os.path.join(calendars, name), "rb").read()
        calendar = icalendar.Calendar.from_ical(raw)
        event = calendar.walk("VEVENT")[0]
        check(f"{name}: icalendar reads it without errors", not event.errors and not calendar.errors, event.errors)
        week = 7 * 86400 if name == "changed.ics" else 0
        start = 1_774_683_000 + week
        check(f"{name}: the moment is the same", int(event["DTSTART"].dt.timestamp()) == start, event["DTSTART"].dt)
        # The zone as the file itself describes it, not as the reader's own tables have it.
        for zone in calendar.walk("VTIMEZONE"):
            own = zone.to_tz(lookup_tzid=False)
            naive = event["DTSTART"].dt.replace(tzinfo=None)
            check(f"{name}: the file's own zone says the same", int(naive.replace(tzinfo=own).timestamp()) == start, naive)
        check(f"{name}: UID stays", str(event["UID"]) == "visit-1@engage.example.com")
        check(f"{name}: METHOD and STATUS agree",
              (str(calendar["METHOD"]), str(event["STATUS"])) == (("CANCEL", "CANCELLED") if name == "cancel.ics" else ("REQUEST", "CONFIRMED")))
        check(f"{name}: lines within 75 octets", all(len(line) <= 75 for line in raw.split(b"\r\n")))
        if name != "long.ics":
            check(f"{name}: the title comes back", str(event["SUMMARY"]) == "Gespräch, Daten; Fragen", event["SUMMARY"])
    check("sequence grows", [int(icalendar.Calendar.from_ical(open(os.path.join(calendars, n + ".ics"), "rb").read())
          .walk("VEVENT")[0]["SEQUENCE"]) for n in ("request", "changed", "cancel")] == [0, 1, 2])

for line in run("webhooks").splitlines():
    hook = json.loads(line)
    headers = {"webhook-id": hook["id"], "webhook-timestamp": hook["timestamp"], "webhook-signature": hook["signature"]}
    for secret in hook["secrets"]:
        try:
            Webhook(secret).verify(hook["body"], headers)
            holds = True
        except WebhookVerificationError as error:
            holds = False
        check(f"{hook['id']}: the reference verifier accepts each secret", holds)
    try:
        Webhook(hook["secrets"][0]).verify(hook["body"] + " ", headers)
        check(f"{hook['id']}: a changed body is refused", False)
    except WebhookVerificationError:
        check(f"{hook['id']}: a changed body is refused", True)

print(f"{failures} failed")
sys.exit(1 if failures else 0)
