"""The inbox, cases and the pages that HCPs open without signing in, in a real browser."""

import os
import tempfile

from chrome import Failure


def require(condition, message):
    if not condition:
        raise Failure(message)


def first(page, selector):
    return page.evaluate("document.querySelector('%s')?.pathname" % selector)


def visit(walk, report, open_all):
    """Inbox and cases of a signed-in person; what they see is their role's."""
    page, who = walk.page, walk.login + " "
    page.open(walk.base + "/inbox")
    path = first(page, "ol.inbox h3 a")
    if report.check(who + "an inquiry waits", lambda: require(path, "the inbox is empty")):
        walk.look_at(who + "inquiry", path, lambda: page.evaluate(open_all))
        report.check(who + "scripts off: a note", lambda: note(walk, path))
    walk.look_at(who + "inbox of all", "/inbox?stage=all")
    page.open(walk.base + "/cases?stage=all")
    item = first(page, "table.cases tbody a")
    if item:
        walk.look_at(who + "case", item, lambda: page.evaluate(open_all))


def note(walk, path):
    page = walk.page
    page.scripts(False)
    try:
        page.open(walk.base + path)
        if not page.evaluate("!!document.querySelector('form[action$=\"/note\"] textarea')"):
            return
        page.click("form[action$='/note'] textarea")
        page.type("Seen in a browser <b>&</b>")
        page.click_through(lambda: page.click("form[action$='/note'] button"), "the note")
        text = page.evaluate("document.querySelector('ol.thread').textContent")
        require("Seen in a browser <b>&</b>" in text, "the note is not on the timeline")
    finally:
        page.scripts(True)


def strangers(walk, report, preferences, question, confirm):
    """Without a session: the preference centre, the form for questions behind a link, and the one for everybody."""
    page = walk.page
    if preferences:
        walk.look_at("preferences", preferences)
        report.check("scripts off: saving preferences", lambda: save(walk, preferences))
    if question:
        walk.look_at("question", question)
    if confirm:
        walk.look_at("confirm", confirm)
        report.check("scripts off: the second yes", lambda: say_yes(walk, confirm))
        walk.look_at("confirmed", confirm)
    for language in ("en", "de", "fr", "es", "it"):
        walk.look_at("ask " + language, "/ask?lang=" + language)
    report.check("scripts off: asking", lambda: ask(walk))
    walk.look_at("ask sent", "/ask?sent=yes&lang=de")


def save(walk, path):
    page = walk.page
    page.scripts(False)
    try:
        page.open(walk.base + path)
        before = page.evaluate("document.querySelectorAll('input[type=checkbox]:checked').length")
        page.click("input[name^='allow.']")
        page.click_through(lambda: page.click("form button.main"), "the saved page")
        after = page.evaluate("document.querySelectorAll('input[type=checkbox]:checked').length")
        require(page.evaluate("!!document.querySelector('.done')"), "the page does not say that it saved")
        require(abs(after - before) == 1, "%d switches were on, now %d" % (before, after))
    finally:
        page.scripts(True)


def say_yes(walk, path):
    page = walk.page
    page.scripts(False)
    try:
        page.open(walk.base + path)
        require(page.evaluate("!document.querySelector('[role=status]')"), "opening the link confirmed")
        page.click_through(lambda: page.click("form button.main"), "the thanks")
        require(page.evaluate("!!document.querySelector('[role=status]') && !document.querySelector('form')"), "no thanks")
    finally:
        page.scripts(True)


def ask(walk):
    page = walk.page
    page.scripts(False)
    try:
        page.open(walk.base + "/ask?lang=en")
        page.click("form.ask button.main")
        page.wait(lambda: page.evaluate("!!document.getElementById('fault')"), "the page to say what is missing")
        page.click("form.ask textarea")
        page.type("What dose is right in renal impairment? <script>alert(1)</script>")
        page.click("form.ask input[type=email]")
        page.type("browser@clinic.example")
        with tempfile.TemporaryDirectory() as folder:
            attach(page, folder, "page.jpg", b"<html><script>alert(1)</script>")
            page.click_through(lambda: page.click("form.ask button.main"), "the form to come back")
            fault = page.evaluate("document.getElementById('fault')?.textContent")
            require("neither picture" in (fault or ""), "a page was taken for a picture: %s" % fault)
            kept = page.evaluate("document.querySelector('form.ask textarea').value")
            require("renal impairment" in kept, "the words did not come back")
            attach(page, folder, "photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)))
            page.click_through(lambda: page.click("form.ask button.main"), "the thanks")
        require(page.evaluate("!!document.querySelector('.done')"), "nobody said thank you")
    finally:
        page.scripts(True)


def attach(page, folder, name, content):
    """Chooses a file, as a person does in the browser's own dialogue."""
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(content)
    root = page.send("DOM.getDocument")["root"]["nodeId"]
    node = page.send("DOM.querySelector", nodeId=root, selector="input[type=file]")["nodeId"]
    page.send("DOM.setFileInputFiles", nodeId=node, files=[path])
