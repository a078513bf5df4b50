#!/usr/bin/env python3
"""Asks for Today, HCP and Owner pages at a steady rate and tells how long the answers took.

    Tests/Browser/load.py --base URL --rep LOGIN:PASSWORD [--rep …] --owner LOGIN:PASSWORD [--rate 50] [--seconds 30]

Open loop: a request is due when it is due, whether or not the one before has come back, and its time counts from then,
so a slow answer is not hidden by asking less. Standard library only. Prints one JSON document.
"""

import argparse
import html
import http.client
import json
import random
import re
import threading
import time
import urllib.parse


class Visitor:
    """One signed-in person with a kept-alive connection per thread."""

    def __init__(self, base, login):
        self.address = urllib.parse.urlsplit(base).netloc
        name, password = login.split(":", 1)
        self.cookie = ""
        status, headers, body = self.ask(self.connect(), "/sign-in")
        self.cookie = headers["Set-Cookie"].split(";")[0]
        token = re.search(r'name="csrf" value="([^"]+)"', body).group(1)
        connection = self.connect()
        connection.request("POST", "/sign-in", urllib.parse.urlencode(
            {"csrf": html.unescape(token), "login": name, "password": password}),
            {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 303:
            raise SystemExit("signing in as %s failed: %d" % (name, answer.status))
        self.cookie = answer.headers["Set-Cookie"].split(";")[0]

    def connect(self):
        return http.client.HTTPConnection(self.address, timeout=30)

    def ask(self, connection, path):
        connection.request("GET", path, headers={"Cookie": self.cookie})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()


def paths_of(visitor, number):
    """What a person would click: days of the list, HCPs found by searching."""
    connection = visitor.connect()
    _, _, today = visitor.ask(connection, "/today")
    days = [html.unescape(p) for p in re.findall(r'href="(/today\?day=[^"]+)"', today)] or ["/today"]
    hcps = []
    page = 1
    while len(hcps) < number:
        _, _, found = visitor.ask(connection, "/hcps?page=%d" % page)
        new = re.findall(r'href="(/hcps/[^"?]+)"', found)
        if not new or new[0] in hcps:
            break
        hcps += new
        page += 1
    return days, hcps


def percentile(sorted_values, share):
    return sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))] if sorted_values else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", required=True)
    parser.add_argument("--rep", action="append", required=True, metavar="LOGIN:PASSWORD")
    parser.add_argument("--owner", required=True, metavar="LOGIN:PASSWORD")
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--hcps", type=int, default=200, help="different HCP pages to ask for")
    parser.add_argument("--threads", type=int, default=16)
    arguments = parser.parse_args()
    chance = random.Random(42)
    owner = Visitor(arguments.base, arguments.owner)
    reps = [Visitor(arguments.base, login) for login in arguments.rep]
    lists = {id(rep): paths_of(rep, arguments.hcps) for rep in reps}
    _, everyone = paths_of(owner, arguments.hcps)
    plan = []
    for number in range(int(arguments.rate * arguments.seconds)):
        kind = ("today", "hcp", "owner")[number % 3]
        rep = chance.choice(reps)
        days, hcps = lists[id(rep)]
        if kind == "today":
            plan.append((kind, rep, chance.choice(days)))
        elif kind == "hcp":
            plan.append((kind, owner, chance.choice(everyone)) if chance.random() < .5 or not hcps
                        else (kind, rep, chance.choice(hcps)))
        else:
            plan.append((kind, owner, "/owner"))
    times = {"today": [], "hcp": [], "owner": []}
    failures = []
    lock = threading.Lock()
    due = iter(enumerate(plan))
    start = time.perf_counter() + 0.5

    def work():
        connections = {}
        while True:
            with lock:
                number, (kind, visitor, path) = next(due, (None, (None, None, None)))
            if number is None:
                return
            moment = start + number / arguments.rate
            wait = moment - time.perf_counter()
            if wait > 0:
                time.sleep(wait)
            connection = connections.setdefault(id(visitor), visitor.connect())
            try:
                status, _, _ = visitor.ask(connection, path)
            except OSError as error:
                connections.pop(id(visitor), None)
                status = str(error)
            taken = time.perf_counter() - moment
            with lock:
                times[kind].append(taken)
                if status != 200:
                    failures.append("%s %s" % (path, status))

    threads = [threading.Thread(target=work) for _ in range(arguments.threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result = {"rate_per_second": arguments.rate, "seconds": arguments.seconds, "failures": failures[:10], "pages": {}}
    for kind, values in list(times.items()) + [("all", sum(times.values(), []))]:
        values.sort()
        result["pages"][kind] = {
            "requests": len(values),
            **{name: round(1000 * percentile(values, share), 1) if values else None
               for name, share in (("p50_ms", .5), ("p95_ms", .95), ("p99_ms", .99), ("max_ms", 1))}}
    print(json.dumps(result, indent=2))
    raise SystemExit(1 if failures else 0)


if __name__ == "__main__":
    main()
