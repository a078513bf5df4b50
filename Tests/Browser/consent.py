"""An HCP's messages on the portal, and consent that is signed in front of a rep, in a real browser."""

import json

from chrome import Failure


def require(condition, message):
    if not condition:
        raise Failure(message)


def notes(walk, report, path):
    """Behind the signed link: the list, a note, and nobody's list."""
    walk.look_at("notes", path)
    note = walk.page.evaluate("document.querySelector('ol.notes a')?.pathname")
    if report.check("a note is listed", lambda: require(note, "no note is listed")):
        walk.look_at("note", note)


def visit(walk, report, hcp):
    """The consent page of an HCP, for whoever may take consent."""
    path = hcp + "/consents"
    walk.look_at(walk.login + " consents", path)
    if not walk.page.evaluate("!!document.querySelector('form.take')"):
        return
    report.check("a signature is drawn, cleared and recorded", lambda: sign(walk, path))
    report.check("scripts off: consent that was said", lambda: said(walk, path))
    walk.look_at(walk.login + " consents recorded", path, lambda: show(walk))
    walk.look_at(walk.login + " consents in French", path + "?lang=fr")


def stroke(page, pen):
    """Across the canvas, with mouse or pen."""
    page.evaluate("document.querySelector('[data-sign] canvas').scrollIntoView({block: 'center'})")
    x, y, w, h = page.evaluate(
        "(() => { const r = document.querySelector('[data-sign] canvas').getBoundingClientRect();"
        " return [r.x, r.y, r.width, r.height]; })()")
    places = [(x + w * (0.15 + 0.1 * i), y + h * (0.3 + 0.4 * (i % 2))) for i in range(8)]
    kind = {"button": "left", "pointerType": pen}
    page.send("Input.dispatchMouseEvent", type="mousePressed", x=places[0][0], y=places[0][1], clickCount=1, **kind)
    for at in places[1:]:
        page.send("Input.dispatchMouseEvent", type="mouseMoved", x=at[0], y=at[1], buttons=1, **kind)
    page.send("Input.dispatchMouseEvent", type="mouseReleased", x=places[-1][0], y=places[-1][1], clickCount=1, **kind)


def files(page):
    return page.evaluate("document.querySelector('form.take input[type=file]').files.length")


def sign(walk, path):
    page = walk.page
    page.open(walk.base + path)
    before = page.evaluate("document.querySelectorAll('img.signature').length")
    require(files(page) == 0, "a canvas that nobody touched is a signature")
    stroke(page, "mouse")
    page.wait(lambda: files(page) == 1, "the stroke to become a file")
    # By keyboard: the button after the canvas wipes it.
    page.evaluate("document.querySelector('[data-sign-clear]').focus()")
    page.press("Enter")
    page.wait(lambda: files(page) == 0, "the file to go with the strokes")
    for pen in ("pen", "mouse"):
        stroke(page, pen)
    page.wait(lambda: page.evaluate("document.querySelector('[data-sign] canvas').dataset.kept") == "2", "the file")
    page.click("form.take input[type=checkbox]")
    page.click_through(lambda: page.click("form.take button.main"), "the record")
    require("recorded" in (page.evaluate("document.querySelector('main [role=status]')?.textContent") or ""),
            "nothing was recorded: %s" % page.evaluate("document.querySelector('#fault')?.textContent"))
    require(page.evaluate("document.querySelectorAll('img.signature').length") == before + 1, "no signature is listed")
    show(walk)
    require(not page.errors, "console: " + "; ".join(page.errors[:3]))


def show(walk):
    """Opens the newest signature, which must be a picture with ink on it."""
    page = walk.page
    page.evaluate("document.querySelector('img.signature').closest('details').open = true")
    image = "document.querySelector('img.signature')"
    page.evaluate(image + ".scrollIntoView({block: 'center'})")
    page.wait(lambda: page.evaluate(image + ".complete && " + image + ".naturalWidth") == 960, "the signature")
    dark = page.evaluate(
        "(() => { const c = document.createElement('canvas'); c.width = 960; c.height = 300; const p = c.getContext('2d');"
        " p.drawImage(%s, 0, 0); const d = p.getImageData(0, 0, 960, 300).data; let n = 0;"
        " for (let i = 0; i < d.length; i += 4) if (d[i] < 80) n++; return n; })()" % image)
    require(500 < dark < 100000, "%d dark points are no signature" % dark)


def said(walk, path):
    page = walk.page
    page.scripts(False)
    try:
        page.open(walk.base + path)
        rows = page.evaluate("document.querySelectorAll('#history-title ~ div tbody tr').length")
        page.click("form.take input[value=verbal]")
        page.click("form.take tbody tr:last-child input[type=checkbox]")
        page.click_through(lambda: page.click("form.take button.main"), "the record")
        now = page.evaluate("document.querySelectorAll('#history-title ~ div tbody tr').length")
        require(now == rows + 1, "%s rows became %s" % (rows, json.dumps(now)))
    finally:
        page.scripts(True)
