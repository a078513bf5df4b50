"""Events through the unmodified clients of Segment and RudderStack: T1 (kill -9), T20 (hostile bodies), T30 (overload).

KILLS: how often the server is killed (20; script/soak: 200).
"""
import gzip
import io
import json
import os
import random
import sqlite3
import threading
import time
import uuid
import zlib
from concurrent.futures import ThreadPoolExecutor

import rudderstack.analytics.client as rudder
import segment.analytics.client as segment

from peer_server import LEDGER, Server, check, finish, ledger, rapport

kills = int(os.environ.get("KILLS", "20"))
key = rapport("user", "key", "add", "site", "--scope", "events:write")
server = Server()
server.start()


def stored(prefix):
    """Message ids of a prefix, as often as they are there."""
    return [row[0] for row in ledger("SELECT message_id FROM event WHERE typeof(message_id) = 'text' "
                                     "AND message_id LIKE ?", prefix + "%")]


# Every kind of call, by both clients ------------------------------------------------------------------------------
for name, make in (("segment", segment.Client), ("rudder", rudder.Client)):
    lost = []
    client = make(key, host=server.url, on_error=lambda error, batch: lost.append((str(error), len(batch))))
    client.track("h1", "Paper Read", {"content_id": "C1"}, message_id=f"{name}-track")
    client.identify("h1", {"email": "someone@example.org"}, message_id=f"{name}-identify")
    client.page("h1", "docs", "home", {"url": "https://portal.example/"}, message_id=f"{name}-page")
    client.screen("h1", "app", "home", message_id=f"{name}-screen")
    client.group("h1", "ward-3", message_id=f"{name}-group")
    client.alias("anonymous-1", "h1", message_id=f"{name}-alias")
    client.flush()
    client.join()
    check(f"{name}: every call is taken", not lost and len(set(stored(name + "-"))) == 6, lost or "")
    # A client that is refused must hear why, and not try again for ever.
    refused = []
    client = make("rpk_1_wrong", host=server.url, on_error=lambda error, batch: refused.append(str(error)))
    client.track("h1", "x")
    client.flush()
    client.join()
    check(f"{name}: a wrong key is told", len(refused) == 1 and "401" in refused[0], refused)

# T1: kill -9 while both ingest ------------------------------------------------------------------------------------
lost = []
noted = {"segment": [], "rudder": []}
going = True


def feed(name, client):
    number = 0
    while going:
        for _ in range(20):
            message = f"{name}-{number}"
            client.track(f"h{number % 50}", "Paper Read", {"content_id": f"C{number % 9}"}, message_id=message)
            noted[name].append(message)
            number += 1
        time.sleep(0.02)


clients = {
    "segment": segment.Client(
        key, host=server.url, max_retries=1000, max_queue_size=1_000_000, timeout=10,
        on_error=lambda error, batch: lost.extend(batch)),
    "rudder": rudder.Client(
        key, host=server.url, max_retries=1000, max_queue_size=1_000_000, timeout=10,
        on_error=lambda error, batch: lost.extend(batch)),
}
threads = [threading.Thread(target=feed, args=item) for item in clients.items()]
for thread in threads:
    thread.start()

# Beside them, one that knows of every batch whether it was acknowledged, and never sends one again.
acknowledged, unknown = [], []


def witness():
    number = 0
    while going:
        batch = [{"type": "track", "event": "e", "userId": "h1", "messageId": f"witness-{number}-{i}"} for i in range(20)]
        try:
            status, _, _ = server.post("/v1/batch", json.dumps({"batch": batch}), key)
            (acknowledged if status == 200 else unknown).extend(event["messageId"] for event in batch)
        except (OSError, ValueError):
            unknown.extend(event["messageId"] for event in batch)
            time.sleep(0.02)
        except Exception:  # http.client: the answer was cut off
            unknown.extend(event["messageId"] for event in batch)
        number += 1


watcher = threading.Thread(target=witness)
watcher.start()
chance = random.Random(1)
ready = []
for _ in range(kills):
    time.sleep(chance.uniform(0.05, 0.6))
    server.kill()
    ready.append(server.start())
going = False
for thread in threads + [watcher]:
    thread.join()
for client in clients.values():
    client.flush()
    client.join()
check("T1: no client gave a batch up", not lost, len(lost))
for name in clients:
    found = stored(name + "-")
    missing = set(noted[name]) - set(found)
    check(f"T1: {name}: {len(noted[name])} events, {kills} kills: none lost", not missing, len(missing))
    check(f"T1: {name}: none twice", len(found) == len(set(found)), len(found) - len(set(found)))
found = stored("witness-")
check(f"T1: {len(acknowledged)} acknowledged events are there", acknowledged and not set(acknowledged) - set(found))
check("T1: none twice", len(found) == len(set(found)))
check("T1: every batch is there as a whole or not at all",
      all(sum(1 for f in found if f.rsplit("-", 1)[0] == b) == 20 for b in {f.rsplit("-", 1)[0] for f in found[:2000]}))
check("the ledger is sound", ledger("PRAGMA integrity_check(1)") == [("ok",)])
print(f"        ready again after at most {max(ready):.2f} s (the mark is 2 s)")

# T20: bodies that are meant to hurt -------------------------------------------------------------------------------
before = server.memory()


def bomb(size):
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="w", compresslevel=9) as file:
        for _ in range(size // (1 << 20)):
            file.write(b"[" * (1 << 20))
    return out.getvalue()


packed = {"Content-Encoding": "gzip"}
large = bomb(1 << 30)
hostile = [
    ("a gzip bomb of 1 GiB", "/v1/batch", large, packed, {413}),
    ("the same on another path", "/v1/track", large, packed, {413}),
    ("the same for CloudEvents", "/v1/events", large, {**packed, "Content-Type": "application/cloudevents+json"}, {413}),
    ("a bomb in a bomb", "/v1/batch", gzip.compress(large), packed, {400}),
    ("forty bombs in a row", "/v1/batch", bomb(1 << 20) * 40, packed, {413}),
    ("more members than a body may have", "/v1/batch", gzip.compress(b"") * 1001, packed, {400}),
    ("gzip cut off", "/v1/batch", gzip.compress(b'{"batch":[]}')[:-3], packed, {400}),
    ("gzip with a wrong sum", "/v1/batch", gzip.compress(b'{"batch":[]}')[:-8] + b"\0" * 8, packed, {400}),
    ("zlib for gzip", "/v1/batch", zlib.compress(b'{"batch":[]}'), packed, {400}),
    ("noise for gzip", "/v1/batch", random.Random(2).randbytes(100_000), packed, {400}),
    ("lists 10,000 deep", "/v1/batch", b'{"batch":' + b"[" * 10_000, {}, {400}),
    ("objects 10,000 deep", "/v1/batch", b'{"batch":[' + b'{"a":' * 10_000, {}, {400}),
    ("depth packed", "/v1/batch", gzip.compress(b'{"batch":[' + b"[" * 7_000_000), packed, {400}),
    ("depth in a CloudEvent", "/v1/events", b'{"data":' + b"[" * 10_000,
     {"Content-Type": "application/cloudevents+json"}, {400}),
    ("depth in binary data", "/v1/events", b"[" * 10_000,
     {"ce-id": "1", "ce-source": "s", "ce-type": "t", "ce-specversion": "1.0"}, {400}),
    ("entities that grow", "/v1/batch", b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
     {"Content-Type": "application/xml"}, {415}),
    ("the same as a CloudEvent", "/v1/events", b'<!DOCTYPE x [<!ENTITY a "a">]><x>&a;</x>',
     {"Content-Type": "application/cloudevents+xml"}, {415}),
    ("9 MiB of nothing", "/v1/batch", b" " * (9 << 20), {}, {413}),
    ("a million empty events", "/v1/batch", b'{"batch":[' + b"{}," * 1_000_000 + b"{}]}", {}, {400}),
    ("a number of a million digits", "/v1/track", b'{"userId":' + b"9" * 1_000_000 + b',"event":"e"}', {}, {200}),
    ("NUL in an id", "/v1/track", b'{"userId":"a\\u0000b","event":"e"}', {}, {200}),
]
for name, path, body, headers, expected in hostile:
    try:
        status, _, answer = server.post(path, body, key, headers)
        told = isinstance(answer, dict) and (status == 200 and answer["rejected"] or status != 200 and answer.get("code"))
        check(f"T20: {name}", status in expected and bool(told), status)
    except OSError as error:
        # The server may close the door while the client still talks.
        check(f"T20: {name}", 413 in expected, type(error).__name__)
grown = server.memory() - before
check("T20: memory stays bounded", grown < 300, f"{grown} MiB more")
check("T20: the server still answers", server.post("/v1/batch", '{"batch":[]}', key)[0] == 200)

# T30: more than it can take ---------------------------------------------------------------------------------------
# Another process holds the ledger: nothing can be written, and what waits grows until the door closes.
blocker = sqlite3.connect(LEDGER, timeout=30, isolation_level=None)
blocker.execute("BEGIN IMMEDIATE")
released = threading.Event()
refusals, taken = [], []
bodies = [
    [{"type": "track", "event": "e", "userId": "h1", "messageId": f"flood-{n}-{i}"} for i in range(2500)] for n in range(40)
]


def flood(batch):
    body = json.dumps({"batch": batch})
    while True:
        status, headers, _ = server.post("/v1/batch", body, key)
        if status == 200:
            taken.extend(event["messageId"] for event in batch)
            return
        refusals.append((status, headers.get("retry-after")))
        if len(refusals) >= 5:
            released.set()
        time.sleep(int(headers.get("retry-after") or 1))


with ThreadPoolExecutor(40) as pool:
    work = [pool.submit(flood, batch) for batch in bodies]
    check("T30: the door closes", released.wait(60), len(refusals))
    blocker.execute("ROLLBACK")
    for item in work:
        item.result()
check("T30: every refusal is 429 with Retry-After", refusals and all(s == 429 and r for s, r in refusals), refusals[:3])
found = stored("flood-")
check("T30: what was acknowledged is there, once", len(taken) == 100_000 and sorted(found) == sorted(taken), len(found))
check("the server ends cleanly", server.stop() == 0)
finish()
