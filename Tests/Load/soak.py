"""T29: the real server under 200 events a second for a while: memory and descriptors must stay flat. T26 on the way: twenty
backups of the ledger are taken meanwhile, and each must open, be whole, and hold what was answered a second before.

SOAK_MINUTES (30), SOAK_RATE (200). Run by script/soak; prints JSON, exit status 1 when something grows or a backup lacks something.
"""
import http.client
import json
import os
import sqlite3
import statistics
import sys
import threading
import time

from peer_server import LEDGER, WORKSPACE, Server, ledger, rapport

minutes = float(os.environ.get("SOAK_MINUTES", "30"))
rate = int(os.environ.get("SOAK_RATE", "200"))
key = rapport("user", "key", "add", "soak", "--scope", "events:write")
server = Server()
server.start()
names = ["Content Viewed", "email_opened", "email_clicked", "Paper Read", "page_viewed"]
people = [row[0] for row in ledger("SELECT hcp_id FROM recipient ORDER BY hcp_id LIMIT 500")] or ["h1"]
lock = threading.Lock()
answered = []  # (when, events answered until then)
total = 0
refused = 0
going = True


def send(offset):
    """A quarter of the rate over one connection that stays open: batches of ten."""
    global total, refused
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    pause = 10 / (rate / 4)
    number, due = 0, time.monotonic()
    import base64
    headers = {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode(), "Content-Type": "application/json"}
    while going:
        batch = [{"type": "track", "event": names[(number + place) % len(names)], "userId": people[(number * 7 + place) % len(people)],
                  "messageId": f"s{offset}-{number}-{place}", "properties": {"content_id": "C1"}} for place in range(10)]
        connection.request("POST", "/v1/batch", json.dumps({"batch": batch}), headers)
        answer = connection.getresponse()
        answer.read()
        with lock:
            if answer.status == 200:
                total += 10
                answered.append((time.monotonic(), total))
            else:
                refused += 10
        number += 1
        due += pause
        time.sleep(max(0, due - time.monotonic()))
    connection.close()


def sample():
    pid = server.process.pid
    for line in open(f"/proc/{pid}/status"):
        # What the process itself holds: pages of the ledger that are mapped belong to the file, and grow with it.
        if line.startswith("RssAnon"):
            memory = int(line.split()[1]) / 1024
    return memory, len(os.listdir(f"/proc/{pid}/fd"))


def back_up(number):
    """Seconds of answered events that the backup lacks."""
    target = os.path.join(WORKSPACE, f"backup-{number}.sqlite")
    began = time.monotonic()
    # One snapshot, as the product's own backup: SQLite's step by step one begins again with every commit of another process.
    source = sqlite3.connect(LEDGER)
    source.execute("VACUUM INTO ?", (target,))
    source.close()
    copy = sqlite3.connect(target)
    assert copy.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    held = copy.execute("SELECT count(*) FROM event").fetchone()[0]
    copy.close()
    os.unlink(target)
    with lock:
        late = [when for when, count in answered if count > held and when < began]
    return max(0.0, began - late[0]) if late else 0.0


threads = [threading.Thread(target=send, args=(offset,)) for offset in range(4)]
for thread in threads:
    thread.start()
began = time.monotonic()
samples, lacking, backups = [], [], 0
while time.monotonic() - began < minutes * 60:
    time.sleep(min(10, minutes * 60 / 60))
    samples.append(sample())
    if backups < 20 and time.monotonic() - began > (backups + 1) * minutes * 60 / 21:
        lacking.append(back_up(backups))
        backups += 1
going = False
for thread in threads:
    thread.join()
lasted = time.monotonic() - began
stored = ledger("SELECT count(*) FROM event WHERE source_no IN (SELECT source_no FROM event_source WHERE name = 'soak')")[0][0]
server.stop()
# The first quarter warms up; then the second is compared with the last.
quarter = max(1, len(samples) // 4)
before, after = samples[quarter:2 * quarter], samples[-quarter:]
memory = [statistics.median(row[0] for row in part) for part in (before, after)]
files = [statistics.median(row[1] for row in part) for part in (before, after)]
figures = {
    "minutes": round(lasted / 60, 1), "events": stored, "per_second": round(stored / lasted, 1), "refused": refused,
    "memory_mib": [round(value, 1) for value in memory], "peak_mib": round(max(row[0] for row in samples), 1),
    "descriptors": files, "backups": backups, "most_seconds_lacking": round(max(lacking, default=0), 2),
    "load": round(os.getloadavg()[0], 2)}
faults = []
if stored != total:
    faults.append(f"{total} events were answered, {stored} are there")
if memory[1] > memory[0] * 1.1 + 10:
    faults.append("memory grows")
if files[1] > files[0] + 5:
    faults.append("descriptors grow")
if backups < 20 or max(lacking, default=0) > 1:
    faults.append("a backup is missing or lacks more than a second")
figures["faults"] = faults
print(json.dumps(figures))
sys.exit(1 if faults else 0)
