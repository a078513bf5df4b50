"""Measures the doors for events; prints JSON. Run by script/bench-inbound."""
import base64
import json
import multiprocessing
import os
import re
import resource
import socket
import subprocess
import sys
import threading
import time

import segment.analytics.client as segment

from peer_server import Server, ledger, rapport

events = int(os.environ.get("BENCH_INBOUND_EVENTS", "200000"))
seconds = int(os.environ.get("BENCH_INBOUND_SECONDS", "15"))
connections = int(os.environ.get("BENCH_INBOUND_CONNECTIONS", "16"))
workspace = os.environ["WORKSPACE"]
key = rapport("user", "key", "add", "bench", "--scope", "events:write")
server = Server()
server.start()
figures = {"load_before": round(os.getloadavg()[0], 2)}


def count():
    return ledger("SELECT count(*) FROM event")[0][0]


def cpu():
    fields = open(f"/proc/{server.process.pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# The unmodified client: one process holds one interpreter, which is the slower side; two are two portals.


def send(number, results):
    lost = []
    client = segment.Client(key, host=server.url, max_queue_size=number + 1, thread=4, upload_size=100,
                            on_error=lambda error, batch: lost.extend(batch))
    for event in range(number):
        client.track(f"h{event % 5000}", "Paper Read", {"content_id": f"C{event % 40}", "topic": "heart failure"})
    client.flush()
    client.join()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    results.put((len(lost), usage.ru_utime + usage.ru_stime))


def clients(processes):
    fork = multiprocessing.get_context("fork")
    results = fork.Queue()
    used, had, began = cpu(), count(), time.monotonic()
    senders = [fork.Process(target=send, args=(events // processes, results)) for _ in range(processes)]
    for sender in senders:
        sender.start()
    said = [results.get() for _ in senders]
    took, stored = time.monotonic() - began, count() - had
    for sender in senders:
        sender.join()
    assert stored == events // processes * processes and not any(lost for lost, _ in said), (stored, said)
    return {
        "processes": processes, "events": stored, "seconds": round(took, 2), "per_second": round(stored / took),
        "client_cpu_microseconds_per_event": round(sum(own for _, own in said) / stored * 1e6, 1),
        "server_cpu_microseconds_per_event": round((cpu() - used) / stored * 1e6, 1)}


figures["segment"] = [clients(1), clients(2)]

# wrk: batches of 100 events as that client writes them, every message id new.
script = os.path.join(workspace, "batch.lua")
open(script, "w").write("""
local thread = 0
function setup(t) t:set("id", thread); thread = thread + 1 end
local n = 0
local headers = {["Content-Type"] = "application/json", ["Authorization"] = "Basic " .. os.getenv("BENCH_AUTH")}
local salt = os.getenv("BENCH_SALT")
function request()
  local parts = {}
  for i = 1, 100 do
    n = n + 1
    parts[i] = string.format('{"integrations": {}, "timestamp": "2026-06-01T09:30:00.000+00:00", "type": "track", "event": "Paper Read", "properties": {"content_id": "C%d", "topic": "heart failure"}, "context": {"library": {"name": "analytics-python", "version": "2.4.0"}}, "userId": "h%d", "anonymousId": null, "messageId": "%s-%04x-4000-8000-%012x"}', n % 40, n % 5000, salt, id, n)
  end
  return wrk.format("POST", "/v1/batch", headers, '{"batch": [' .. table.concat(parts, ", ") .. '], "sentAt": "2026-06-01T09:30:00.100000+00:00"}')
end
function done(summary, latency)
  local bad = summary.errors.status + summary.errors.read + summary.errors.write + summary.errors.connect + summary.errors.timeout
  io.write(string.format('{"requests": %d, "seconds": %.2f, "p50_ms": %.2f, "p99_ms": %.2f, "max_ms": %.2f, "errors": %d}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000, bad))
end
""")


def wrk(duration, salt):
    environment = {**os.environ, "BENCH_AUTH": base64.b64encode(f"{key}:".encode()).decode(), "BENCH_SALT": salt}
    out = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{duration}s", "--timeout", "30s", "--latency", "-s", script, server.url],
        env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(re.search(r"^\{.*\}$", out, re.M).group(0))


wrk(2, "00000000-0000")
used, had = cpu(), count()
result = wrk(seconds, "00000001-0000")
stored = count() - had
assert stored >= result["requests"] * 100, (stored, result)
result.update(events=stored, per_second=round(stored / result["seconds"]),
              server_cpu_microseconds_per_event=round((cpu() - used) / stored * 1e6, 1))
figures["wrk"] = result

# T21: 500 sockets that send a byte now and then, beside healthy ones at a modest rate.


def healthy(requests):
    times = []
    body = json.dumps({"batch": [{"type": "track", "event": "e", "userId": "h1"}] * 10})
    for _ in range(requests):
        start = time.monotonic()
        status, _, _ = server.post("/v1/batch", body, key)
        assert status == 200
        times.append((time.monotonic() - start) * 1000)
    times.sort()
    return round(times[len(times) * 99 // 100], 2)


alone = healthy(600)
slow = []
for _ in range(500):
    connection = socket.create_connection(("127.0.0.1", server.port))
    connection.send(b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Basic "
                    + base64.b64encode(f"{key}:".encode()) + b"\r\nContent-Type: application/json\r\n"
                    b"Content-Length: 100000\r\n\r\n{")
    slow.append(connection)
going = True


def drip():
    while going:
        for connection in slow:
            try:
                connection.send(b" ")
            except OSError:
                pass
            time.sleep(0.002)


thread = threading.Thread(target=drip)
thread.start()
beside = healthy(600)
going = False
thread.join()
figures["slow_sockets"] = {"p99_ms_alone": alone, "p99_ms_beside_500": beside}
figures["peak_mib"] = server.memory()
figures["load_after"] = round(os.getloadavg()[0], 2)
server.stop()
json.dump(figures, sys.stdout)
