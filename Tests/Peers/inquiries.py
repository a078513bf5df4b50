"""Inquiries over HTTP, by requests, curl and plain sockets: /v1/inquiries holds what its OpenAPI entry says.

Valid and hostile requests are made from the schemas of /openapi.json itself (seeded), so that a member which is added there is
tried here too; every answer is judged by the entry: its status is listed, its body has the shape that stands there.
"""
import json
import os
import random
import string
import subprocess
from concurrent.futures import ThreadPoolExecutor

import requests

from peer_server import Server, check, finish, ledger, rapport

key = rapport("user", "key", "add", "portal", "--scope", "inquiries:write")
other = rapport("user", "key", "add", "site", "--scope", "events:write")
folder = os.path.join(os.environ["WORKSPACE"], "bin")
os.makedirs(folder, exist_ok=True)
with open(os.path.join(folder, "scan"), "w") as file:
    file.write('#!/bin/sh\ntext=$(cat | tr -d "\\000")\ncase $text in *EICAR*) exit 1 ;; *BREAK-THE-SCANNER*) exit 2 ;; esac\nexit 0\n')
os.chmod(file.name, 0o755)
with open(os.path.join(os.environ["WORKSPACE"], "rapport.yaml"), "a") as settings:
    settings.write(f"\nscan: {file.name} -\n")
server = Server()
server.start()
url = server.url + "/v1/inquiries"
document = requests.get(server.url + "/openapi.json", timeout=30).json()
entry = document["paths"]["/v1/inquiries"]["post"]
session = requests.Session()
session.headers["Authorization"] = f"Bearer {key}"


def resolve(schema):
    while "$ref" in schema:
        found = document
        for name in schema["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        schema = found
    return schema


def faults(value, schema, place=""):
    """What is wrong with a value: the part of JSON Schema that this document uses."""
    schema = resolve(schema)
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    python = {"object": dict, "string": str, "array": list, "null": type(None), "boolean": bool, "integer": int,
              "number": (int, float)}
    if kinds and not any(isinstance(value, python[kind]) for kind in kinds):
        return [f"{place}: {type(value).__name__} is none of {kinds}"]
    found = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{place}: {value!r} is not listed")
    if isinstance(value, dict):
        found += [f"{place}/{name} is missing" for name in schema.get("required", []) if name not in value]
        for name, part in schema.get("properties", {}).items():
            if name in value:
                found += faults(value[name], part, f"{place}/{name}")
    if isinstance(value, list) and "items" in schema:
        for number, part in enumerate(value):
            found += faults(part, schema["items"], f"{place}/{number}")
    return found


def judge(answer):
    """Faults of an answer against the entry."""
    said = entry["responses"].get(str(answer.status_code))
    if said is None:
        return [f"status {answer.status_code} is not listed"]
    kind = answer.headers.get("Content-Type", "").split(";")[0]
    if kind not in said.get("content", {}):
        return [f"{answer.status_code}: {kind} is not listed"]
    return faults(answer.json(), said["content"][kind]["schema"])


def send(body, **more):
    return session.post(url, data=body if isinstance(body, (bytes, str)) else json.dumps(body),
                        headers={"Content-Type": more.pop("type", "application/json"), **more}, timeout=30)


# What people send, by three clients --------------------------------------------------------------------------------
first = send({"id": "a", "text": "Which dose in renal impairment?", "channel": "phone"})
check("a question is taken in", first.status_code == 201 and first.json()["queue"] == "medical", first.text[:200])
again = send({"id": "a", "text": "Which dose in renal impairment?", "channel": "phone"})
check("again it is the same", again.status_code == 200 and again.json()["inquiry_id"] == first.json()["inquiry_id"])
changed = send({"id": "a", "text": "Something else"})
check("the same id with other words is refused", changed.status_code == 422 and not judge(changed), changed.text[:200])
form = session.post(url, data={"id": "b", "text": "Wann kommt unsere Lieferung?", "about": "order"}, timeout=30)
check("a form is taken in", form.status_code == 201 and form.json()["queue"] == "inside_sales", form.text[:200])
curl = subprocess.run(
    ["curl", "-sS", "-H", f"Authorization: Bearer {key}", "-H", "Content-Type: application/json", "-H",
     'Idempotency-Key: "curl-1"', "-d", '{"text":"La bomba dejó de funcionar y el paciente sufrió una hipoglucemia."}', url],
    stdout=subprocess.PIPE, check=True, timeout=60)
harm = json.loads(curl.stdout)
check("curl: harm and a broken device, in Spanish", harm["queue"] == "medical" and harm["case_id"] and harm["safety_due_at"],
      harm)
flags = [row[0] for row in ledger("SELECT kind FROM safety_flag WHERE inquiry_no = ? ORDER BY flag_no", int(harm["inquiry_id"]))]
check("both are safety's", flags == ["adverse_event", "device_complaint"], flags)

# Files, as requests and curl send them --------------------------------------------------------------------------------
photo = bytes([0xFF, 0xD8, 0xFF, 0xE0, 0, 16]) + b"JFIF\0" + bytes(range(256)) * 400
sent = session.post(url, data={"id": "photo", "text": "The display is dark."}, timeout=60,
                    files=[("files", ("D\u00fcse 1.jpg", photo, "image/jpeg")), ("log", ("log.txt", b"E-17\n", "text/plain"))])
check("a photo and a log come with their message", sent.status_code == 201 and not judge(sent), sent.text[:200])
rows = ledger("SELECT name, media_type, size, content FROM inquiry_file WHERE inquiry_no = ? ORDER BY file_no",
              int(sent.json()["inquiry_id"]))
check("they are kept byte for byte", [row[1:] for row in rows] == [("image/jpeg", len(photo), photo), ("text/plain", 5, b"E-17\n")],
      [row[:3] for row in rows])
check("under their names", [row[0] for row in rows] == ["D\u00fcse 1.jpg", "log.txt"], [row[0] for row in rows])
curl = subprocess.run(
    ["curl", "-sS", "-H", f"Authorization: Bearer {key}", "-F", "id=curl-file", "-F", "text=See the list", "-F",
     f"files=@{__file__};type=text/plain", url], stdout=subprocess.PIPE, check=True, timeout=60)
check("curl -F sends a file", json.loads(curl.stdout).get("status") == "opened", curl.stdout[:200])
for name, files, status in [("markup that calls itself a photo", [("f", ("a.jpg", b"<svg onload=alert(1)>", "image/jpeg"))], 422),
                            ("six files", [("f", (f"{n}.jpg", photo, "image/jpeg")) for n in range(6)], 413),
                            ("a file of 11 MiB", [("f", ("a.jpg", photo[:16] + b"x" * (11 << 20), "image/jpeg"))], 413)]:
    answer = session.post(url, data={"id": "bad-file", "text": "x"}, files=files, timeout=60)
    check(f"{name}: {status}", answer.status_code == status and not judge(answer), answer.text[:200])
# The workspace's scanner: a script that knows one mark.
virus = session.post(url, data={"id": "virus", "text": "The patient fainted after the burn."}, timeout=60,
                     files=[("f", ("bad.txt", b"X5O!P%@AP EICAR-STANDARD-TEST", "text/plain")), ("f", ("good.jpg", photo))])
rows = ledger("SELECT fault, content IS NULL FROM inquiry_file WHERE inquiry_no = ? ORDER BY file_no",
              int(virus.json()["inquiry_id"])) if virus.status_code == 201 else virus.text[:200]
check("a virus is not kept, its words are", rows == [("infected", 1), (None, 0)], rows)
broken = session.post(url, data={"id": "broken", "text": "x"}, files=[("f", ("a.txt", b"BREAK-THE-SCANNER", "text/plain"))], timeout=60)
check("without an answer of the scanner: 503", broken.status_code == 503 and not judge(broken), broken.text[:200])
check("and nothing was taken in", ledger("SELECT count(*) FROM inquiry WHERE source_id IN ('broken', 'bad-file')") == [(0,)])

# Who may ---------------------------------------------------------------------------------------------------------------
for name, header, status in [("no key", None, 401), ("a wrong key", "Bearer rpk_1_wrong", 401),
                             ("a key of another scope", f"Bearer {other}", 403)]:
    answer = requests.post(url, json={"id": "c", "text": "x"}, timeout=30, headers={"Authorization": header} if header else {})
    check(f"{name}: {status}", answer.status_code == status and not judge(answer), answer.text[:200])
check("an HCP that nobody knows: 404", send({"id": "c", "text": "x", "hcp_id": "nobody"}).status_code == 404)

# Many at once: each is there once --------------------------------------------------------------------------------------
def one(number):
    return requests.post(url, json={"id": f"many-{number}", "text": f"Quote for {number} sets, please."}, timeout=60,
                         headers={"Authorization": f"Bearer {key}"})


with ThreadPoolExecutor(8) as pool:
    answers = list(pool.map(one, [number for number in range(50) for _ in range(8)]))
check("8 × 50 at once: all answered", {answer.status_code for answer in answers} <= {200, 201})
check("50 were new", sum(answer.status_code == 201 for answer in answers) == 50)
check("50 are there", ledger("SELECT count(*) FROM inquiry WHERE source_id LIKE 'many-%'") == [(50,)])

# Made from the schema --------------------------------------------------------------------------------------------------
chance = random.Random(int(os.environ.get("SEED", "7")))
hostile = ["", " ", "\0", "\u202eevil", "<script>alert(1)</script>", "'; DROP TABLE inquiry; --", "{{7*7}}", "\r\nBcc: x@y.example",
           "=HYPERLINK(1)", "𝔘" * 40, "é" * 100, "../../etc/passwd", "%00", "\ud800".encode("utf-8", "replace").decode()]


def value(schema):
    schema = resolve(schema)
    if "enum" in schema:
        return chance.choice(schema["enum"])
    if schema.get("format") == "date-time":
        return f"20{chance.randrange(10, 30)}-0{chance.randrange(1, 10)}-1{chance.randrange(10)}T10:00:00Z"
    size = chance.randrange(schema.get("minLength", 0), min(schema.get("maxLength", 40), 60) + 1)
    return "".join(chance.choice(string.ascii_letters + string.digits + " -.,") for _ in range(size)) or "x"


schema = resolve(entry["requestBody"]["content"]["application/json"]["schema"])
wrong, statuses = [], {}
for number in range(400):
    body = {name: value(part) for name, part in schema["properties"].items()
            if name in schema["required"] or chance.random() < 0.4}
    body["id"] = f"made-{number}"
    body.pop("hcp_id", None)
    if "email" in body:
        body["email"] = "who@x.example"
    kind = number % 4
    if kind == 1:  # one member of a wrong kind
        body[chance.choice(list(body))] = chance.choice([17, True, [], {}, [["x"]], 1e308, None])
    elif kind == 2:  # words that are meant to hurt
        body[chance.choice([name for name in body if name != "received_at"])] = chance.choice(hostile)
    elif kind == 3:  # a member that nobody knows
        body[chance.choice(["tekst", "__proto__", "a/b~c", ""])] = "x"
    answer = send(body)
    statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
    expected = {0: {201}, 3: {422}}.get(kind, {201, 404, 422})
    if answer.status_code not in expected or judge(answer):
        wrong.append((answer.status_code, body, answer.text[:200], judge(answer)))
check(f"400 made from the schema: {statuses}", not wrong, wrong[:2])

# Bodies that are none ----------------------------------------------------------------------------------------------------
text = "x" * 20_001
for name, body, more, status in [
    ("nothing", b"", {}, {400}), ("half a body", b'{"id":"x","text":', {}, {400}), ("a list", b"[]", {}, {422}),
    ("a number", b"1e999", {}, {400, 422}), ("10,000 deep", b"[" * 10_000, {}, {400}),
    ("bytes that are no UTF-8", b'{"id":"x","text":"\xff\xfe"}', {}, {400}),
    ("half a surrogate", b'{"id":"x","text":"\\ud800"}', {}, {400, 201, 422}),
    ("XML", b"<x/>", {"type": "application/xml"}, {415}), ("no type", b"{}", {"type": ""}, {415}),
    ("129 KiB", json.dumps({"id": "x", "text": "x" * 129 * 1024}), {}, {413}),
    ("20,001 characters", json.dumps({"id": "long", "text": text}), {}, {422}),
    ("only white space", json.dumps({"id": "white", "text": " \n\t "}), {}, {422}),
    ("no id", json.dumps({"text": "x"}), {}, {422}),
    ("an Idempotency-Key of control characters", json.dumps({"text": "x"}), {"Idempotency-Key": '"a\tb'}, {400}),
    ("the same member twice", b'{"id":"twice","text":"a","text":"b"}', {}, {201, 400, 422}),
    ("a form with a thousand members", "&".join(f"a{n}=1" for n in range(1000)), {"type": "application/x-www-form-urlencoded"},
     {422}),
]:
    answer = send(body, **more)
    check(f"{name}: {answer.status_code}", answer.status_code in status and not judge(answer), judge(answer) or "")
check("a link in a subject is no header", ledger("SELECT count(*) FROM inquiry WHERE subject LIKE '%' || char(10) || '%'") == [(0,)])
check("nothing of it became a table's end", ledger("SELECT count(*) > 50 FROM inquiry") == [(1,)])
check("the ledger is sound", ledger("PRAGMA integrity_check(1)") == [("ok",)])
check("the server ends cleanly", server.stop() == 0)
finish()
