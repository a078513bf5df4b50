"""The real `rapport serve` for tests: started, asked, killed. Imported by the files beside it."""
import base64
import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time

RAPPORT = os.environ["RAPPORT"]
WORKSPACE = os.environ["WORKSPACE"]
LEDGER = os.path.join(WORKSPACE, "state", "ledger.sqlite")
failures = []


def check(name, passed, said=""):
    """One line for one check."""
    print(("ok      " if passed else "FAILED  ") + name + (f": {said}" if said != "" else ""), flush=True)
    if not passed:
        failures.append(name)


def finish():
    sys.exit(1 if failures else 0)


def rapport(*arguments):
    return subprocess.run(
        [RAPPORT, *arguments, "--workspace", WORKSPACE], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One port for the life of the value, so that clients find the server again after a kill."""

    def __init__(self):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None
        self.log = open(os.path.join(WORKSPACE, "server.log"), "ab")

    def start(self):
        """Starts and waits until it answers; the seconds that took."""
        began = time.monotonic()
        self.process = subprocess.Popen(
            [RAPPORT, "serve", "--workspace", WORKSPACE, "--port", str(self.port)], stderr=self.log, stdout=self.log)
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
                return time.monotonic() - began
            except OSError:
                if self.process.poll() is not None:
                    raise RuntimeError(open(self.log.name).read()[-2000:])
                time.sleep(0.005)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """Asks it to end, as an operator would; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def memory(self):
        """Peak resident memory, MiB."""
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmHWM"):
                return int(line.split()[1]) // 1024

    def post(self, path, body, key=None, headers=None, timeout=60):
        """Status, headers (lower case), parsed body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        fields = {"Content-Type": "application/json", **(headers or {})}
        if key:
            fields["Authorization"] = "Basic " + base64.b64encode(f"{key}:".encode()).decode()
        try:
            connection.request("POST", path, body, fields)
            answer = connection.getresponse()
            data = answer.read()
            kind = answer.getheader("Content-Type") or ""
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, (
                json.loads(data) if "json" in kind else data)
        finally:
            connection.close()


def ledger(sql, *values):
    """Rows of the ledger, read beside the server."""
    database = sqlite3.connect(f"file:{LEDGER}?mode=ro", uri=True, timeout=30)
    try:
        return database.execute(sql, values).fetchall()
    finally:
        database.close()
