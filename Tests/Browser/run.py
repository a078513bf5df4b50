#!/usr/bin/env python3
"""Looks at the workspace as people do: in a real browser.

    Tests/Browser/run.py --base http://127.0.0.1:8080 --login REP --password P [--owner LOGIN --owner-password P]

Signs in, visits every page of the person's role in light and dark, wide (1280) and narrow (320), and checks: axe finds
nothing, nothing overflows, no error in the console; accept, dismiss, snooze and edit with scripts off; the row swap,
the keyboard and the help with scripts on; paper. Writes screenshots. One line a check; exit code 1 when one failed.
"""

import argparse
import json
import os
import re
import sys

import consent
import content
import field
import inbox
from chrome import Chrome, Failure, native_directory

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]


class Report:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, body):
        try:
            body()
        except Failure as failure:
            self.failed += 1
            print("FAIL %s: %s" % (name, failure), flush=True)
            return False
        self.passed += 1
        print("ok   %s" % name, flush=True)
        return True


def require(condition, message):
    if not condition:
        raise Failure(message)


class Walk:
    """One person's visit."""

    def __init__(self, chrome, report, arguments, login, password, axe):
        self.page, self.report, self.base = chrome.page(), report, arguments.base.rstrip("/")
        self.out, self.login, self.password, self.axe = arguments.out, login, password, axe
        self.page.look(1280, False)

    # Looking at pages

    def run_axe(self):
        self.page.evaluate(self.axe)
        found = self.page.evaluate(
            "axe.run(document, {runOnly: {type: 'tag', values: %s}}).then(r => r.violations.map(v => v.id + ' (' +"
            " v.nodes.length + '): ' + v.nodes.slice(0, 2).map(n => n.target.join(' ') + ' — ' +"
            " (n.failureSummary || '').replace(/\\s+/g, ' ').slice(0, 200)).join(' | ')))" % json.dumps(AXE_TAGS), wait=True)
        require(not found, "; ".join(found))

    def look_at(self, name, path, prepare=None):
        for dark in (False, True):
            for width in (1280, 320):
                label = "%s %s %d" % (name, "dark" if dark else "light", width)

                def body():
                    self.page.look(width, dark)
                    status = self.page.open(self.base + path)
                    require(status == 200, "status %s" % status)
                    if prepare:
                        prepare()
                    wide = self.page.evaluate("document.documentElement.scrollWidth")
                    require(wide <= width, "the page is %d px wide at %d px" % (wide, width))
                    require(not self.page.errors, "console: " + "; ".join(self.page.errors[:3]))
                    self.page.screenshot(os.path.join(self.out, re.sub(r"[^\w]+", "-", label) + ".png"))
                    self.run_axe()

                self.report.check(label, body)
        self.page.look(1280, False)

    def tables_fit(self, path, heading):
        """No table of a section goes on beyond its edge on a wide screen."""
        self.page.look(1280, False)
        self.page.open(self.base + path)
        found = self.page.evaluate(
            "Array.from(document.querySelectorAll('section[aria-labelledby=%s] .scroll')).filter(s => s.checkVisibility())"
            ".map(s => [s.getAttribute('aria-label'), s.clientWidth, s.scrollWidth])" % heading)
        require(found, "no table stands under " + heading)
        wide = [line for line in found if line[2] > line[1] + 1]
        require(not wide, "too wide: %s" % wide)

    # Signing in

    def sign_in(self):
        self.page.open(self.base + "/sign-in")
        self.page.click("input[name=login]")
        self.page.type(self.login)
        self.page.click("input[name=password]")
        self.page.type(self.password)
        self.page.click_through(lambda: self.page.click("form button"), "the first page")
        require(self.page.evaluate("!!document.querySelector('nav[aria-label=Main]')"), "not signed in")

    def links(self):
        return self.page.evaluate("Array.from(document.querySelectorAll('nav[aria-label=Main] a')).map(a => a.pathname)")

    def first_hcp(self):
        self.page.open(self.base + "/hcps")
        path = self.page.evaluate("document.querySelector('table.hits a')?.pathname")
        require(path, "no HCP is listed")
        return path

    # The rep's day, scripts off

    def todo(self):
        """Opens the list on a day with something to do."""
        self.page.open(self.base + "/today")
        if self.page.evaluate("document.querySelectorAll('[data-accept]').length") < 3:
            path = self.page.evaluate(
                "(() => { const n = a => parseInt(a.querySelector('.n').textContent); "
                "const a = Array.from(document.querySelectorAll('.days a')).sort((a, b) => n(b) - n(a))[0]; "
                "return a && n(a) > 2 ? a.pathname + a.search : null; })()")
            require(path, "no day has anything to do")
            self.page.open(self.base + path)

    def first_item(self):
        item = self.page.evaluate("document.querySelector('[data-item] [data-accept]')?.closest('[data-item]').id")
        require(item, "nothing to do in the list")
        return item

    def said(self, word):
        text = self.page.evaluate(
            "(document.getElementById('said') || document.querySelector('main')).textContent.trim()")
        require(text.startswith(word), "expected “%s…”, the page said “%s”" % (word, text))

    def is_gone(self, item):
        require(not self.page.evaluate("!!document.getElementById(%s)" % json.dumps(item)), "the item is still to do")

    def act_without_scripts(self, name, act, word):
        def body():
            self.page.scripts(False)
            try:
                self.todo()
                item = self.first_item()
                self.page.click_through(lambda: act("#" + item), name)
                self.said(word)
                self.is_gone(item)
            finally:
                self.page.scripts(True)

        self.report.check("scripts off: " + name, body)

    def dismiss(self, item):
        self.page.click(item + " [data-dismiss] summary")
        self.page.click(item + " [data-dismiss] input[value=wrong_time]")
        self.page.click(item + " [data-dismiss] button")

    def snooze(self, item):
        self.page.click(item + " [data-snooze] summary")
        self.page.click(item + " [data-snooze] button[name=until]")

    def edit(self, item):
        self.page.click(item + " [data-edit] summary")
        self.page.evaluate(
            "(() => { const s = document.querySelector(%s); s.selectedIndex = (s.selectedIndex + 1) % s.options.length; })()"
            .replace("%s", json.dumps(item + " [data-edit] select[name=hour]")))
        self.page.click(item + " [data-edit] button")

    # The rep's day, scripts on

    def keyboard(self):
        self.todo()
        focused = "document.activeElement.id"
        self.page.press("j")
        first = self.page.evaluate(focused)
        require(first.startswith("d-"), "j did not go to the first item")
        self.page.press("j")
        require(self.page.evaluate(focused) not in ("", first), "j did not go on")
        self.page.press("k")
        require(self.page.evaluate(focused) == first, "k did not go back")
        for key, part in (("e", "edit"), ("d", "dismiss"), ("s", "snooze")):
            self.page.press(key)
            require(self.page.evaluate("!!document.querySelector('#%s [data-%s][open]')" % (first, part)),
                    "%s did not open its form" % key)
            self.page.press("Escape")
            require(self.page.evaluate(focused) == first, "Escape did not come back to the item")
        self.page.press("?")
        require(self.page.evaluate("document.getElementById('keys').open"), "? did not show the help")
        self.run_axe()
        self.page.press("Escape")
        self.page.wait(lambda: not self.page.evaluate("document.getElementById('keys').open"), "the help to close")

    def swap(self):
        self.todo()
        require(self.page.evaluate("typeof htmx === 'object'"), "htmx is not loaded")
        self.page.press("j")
        item = self.page.evaluate("document.activeElement.id")
        self.page.press("a")
        self.page.wait(lambda: self.page.evaluate("document.getElementById('said').textContent.includes('Accepted')"),
                       "the row to be accepted in place")
        # The row and the message are swapped one after the other.
        self.page.wait(
            lambda: self.page.evaluate("!!document.querySelector('#%s.is-accepted, #%s.is-done')" % (item, item)),
            "the row to show its new state")
        require(self.page.evaluate("document.activeElement.id") == item, "the focus was lost")
        require(not self.page.errors, "console: " + "; ".join(self.page.errors[:3]))
        self.run_axe()

    def paper(self):
        self.todo()
        data = self.page.pdf(os.path.join(self.out, "today.pdf"))
        require(data[:5] == b"%PDF-" and len(data) > 8000, "no PDF came out")
        self.page.send("Emulation.setEmulatedMedia", media="print")
        shown = self.page.evaluate(
            "(() => { const see = s => Array.from(document.querySelectorAll(s)).filter(e => e.checkVisibility()).length;"
            "return [see('.acts'), see('.top nav'), see('.item .more li'), see('.item')]; })()")
        self.page.send("Emulation.setEmulatedMedia", media="")
        require(shown[0] == 0 and shown[1] == 0, "controls are printed")
        require(shown[3] > 0, "the list is not printed")
        require(shown[2] > 0, "the further reasons are not printed")

    # The console

    def recompute(self):
        self.page.open(self.base + "/owner")
        require(self.page.evaluate("!!document.querySelector('#what-if form')"), "there is no what-if form")
        for field in ("lever0", "cap0"):
            self.page.evaluate(
                "(() => { const f = document.querySelector('#what-if [name=%s]'); if (f) f.value = "
                "String(Number(f.value) + 1); })()" % field)
        self.page.click("#what-if button.main")
        self.page.wait(lambda: self.page.evaluate("!!document.querySelector('#what-if table.compare')"),
                       "the plan to be recomputed", seconds=60)
        require(not self.page.errors, "console: " + "; ".join(self.page.errors[:3]))
        self.run_axe()

    def sign_out(self):
        self.page.click_through(lambda: self.page.click(".me button"), "the door")
        require(self.page.evaluate("location.pathname") == "/sign-in", "not at the door")
        self.page.open(self.base + "/today")
        require(self.page.evaluate("location.pathname") == "/sign-in", "the session survived signing out")


def open_all():
    return "document.querySelectorAll('main details').forEach((d, i) => { if (!d.name || i % 3 == 0) d.open = true; })"


def visit(walk, report):
    page = walk.page
    if not report.check("sign in as " + walk.login, walk.sign_in):
        return
    who = walk.login + " "
    links = walk.links()
    for path in links:
        name = {"/today": "today", "/hcps": "search", "/owner": "owner", "/data": "data"}.get(path, path)
        walk.look_at(who + name, path)
        if page.evaluate("!!document.querySelector('main details')"):
            walk.look_at(who + name + " opened", path, lambda: page.evaluate(open_all()))
    if "/today" in links:
        walk.look_at(who + "today all", "/today?status=all")
        walk.look_at(who + "today nothing found", "/today?q=zzzzzz")
        if page.evaluate("!!document.querySelector('[data-keys-open]')"):
            walk.act_without_scripts("accept", lambda item: page.click(item + " [data-accept]"), "Accepted")
            walk.act_without_scripts("dismiss with a cause", walk.dismiss, "Dismissed")
            walk.act_without_scripts("snooze", walk.snooze, "Snoozed")
            walk.act_without_scripts("edit", walk.edit, "Accepted with changes")
            report.check("keyboard", walk.keyboard)
            report.check("accept swaps the row in place", walk.swap)
            report.check("paper", walk.paper)
    field.visit(walk, report, links, who)
    if "/journeys" in links:
        page.open(walk.base + "/journeys")
        path = page.evaluate("document.querySelector('main table a')?.pathname")
        if report.check("a journey is listed", lambda: require(path, "no journey is listed")):
            walk.look_at(who + "journey", path, lambda: page.evaluate(open_all()))
    if "/hcps" in links:
        paths = []
        if report.check("an HCP is listed", lambda: paths.append(walk.first_hcp())):
            walk.look_at(who + "hcp", paths[0], lambda: page.evaluate(open_all()))
            walk.look_at(who + "hcp why not", paths[0] + "?why=1&why_channel=email")
            report.check(who + "preferences fit", lambda: walk.tables_fit(paths[0], "pref-title"))
            if page.open(walk.base + paths[0] + "/consents") == 200:
                consent.visit(walk, report, paths[0])
    if "/owner" in links and page.open(walk.base + "/owner/what-if") == 200:
        report.check("recompute the plan", walk.recompute)
        walk.look_at(who + "what-if", "/owner/what-if?lever0=1.5&cap0=5")
    if "/content" in links:
        content.visit(walk, report, open_all())
    if "/inbox" in links:
        inbox.visit(walk, report, open_all())
    report.check("an unknown page says so", lambda: require(page.open(walk.base + "/nowhere") == 404, "not 404"))
    page.open(walk.base + links[0])
    report.check("sign out", walk.sign_out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", required=True)
    parser.add_argument("--login", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--owner", help="a second login, with the console")
    parser.add_argument("--owner-password")
    parser.add_argument("--reviewer", help="a third login, who signs content")
    parser.add_argument("--reviewer-password")
    parser.add_argument("--desk", action="append", default=[], metavar="LOGIN:PASSWORD",
                        help="further people, of the inbox: medical, sales, service, safety")
    parser.add_argument("--preferences", help="path of a signed link to the preference centre")
    parser.add_argument("--question", help="path of a signed link to the form for questions")
    parser.add_argument("--confirm", help="path of a signed link that confirms a consent")
    parser.add_argument("--notes", help="path of a signed link to an HCP's messages on the portal")
    parser.add_argument("--no-notes", help="the same of an HCP without any")
    parser.add_argument("--out", default="browser-shots")
    parser.add_argument("--chromium")
    arguments = parser.parse_args()
    os.makedirs(arguments.out, exist_ok=True)
    axe_path = os.path.join(native_directory(), "axe", "axe.min.js")
    if not os.path.exists(axe_path):
        sys.exit("axe is missing: run script/setup --test (expected %s)" % axe_path)
    with open(axe_path, encoding="utf-8") as file:
        axe = file.read() + "; 0"
    report, chrome = Report(), Chrome(arguments.chromium)
    try:
        first = Walk(chrome, report, arguments, arguments.login, arguments.password, axe)
        first.look_at("sign-in", "/sign-in")
        inbox.strangers(first, report, arguments.preferences, arguments.question, arguments.confirm)
        if arguments.notes:
            consent.notes(first, report, arguments.notes)
        if arguments.no_notes:
            first.look_at("no notes", arguments.no_notes)
        visit(first, report)
        if arguments.owner:
            visit(Walk(chrome, report, arguments, arguments.owner, arguments.owner_password, axe), report)
        if arguments.reviewer:
            third = Walk(chrome, report, arguments, arguments.reviewer, arguments.reviewer_password, axe)
            if report.check("sign in as " + arguments.reviewer, third.sign_in):
                content.visit(third, report, open_all(), everything=False)
        for desk in arguments.desk:
            login, _, password = desk.partition(":")
            person = Walk(chrome, report, arguments, login, password, axe)
            if report.check("sign in as " + login, person.sign_in):
                person.look_at(login + " inbox", "/inbox")
                inbox.visit(person, report, open_all())
    except Failure as failure:
        report.failed += 1
        print("FAIL the walk ended early: %s" % failure)
    finally:
        chrome.close()
    print("%d passed, %d failed" % (report.passed, report.failed))
    sys.exit(1 if report.failed else 0)


if __name__ == "__main__":
    main()
