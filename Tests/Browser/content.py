"""Pages of content: axe and sizes like every page, and 300 injection strings that must not act (T19).

`write(folder)` puts the strings into a workspace's content/ as claims, references, titles and subjects; `visit` looks at
the pages as one person, opens every string as a query too, and checks that nothing ran.
"""

import json
import os

from chrome import Failure

HERE = os.path.dirname(os.path.abspath(__file__))
# Whatever a string tries to do leaves a mark; in every document, before anything of the page runs.
TRAP = """
(() => { const mark = w => { try { top.__hit = w; } catch (e) {} window.__hit = w; };
for (const name of ['alert', 'confirm', 'prompt', 'print']) window[name] = () => mark(name);
const fetched = window.fetch; window.fetch = (...a) => { if (String(a[0]).includes('evil')) mark('fetch'); return fetched(...a); };
})();
"""


def payloads():
    with open(os.path.join(HERE, "..", "Fixtures", "injections.json"), encoding="utf-8") as file:
        return json.load(file)


def write(folder):
    """Adds the strings to the library in `folder` (a workspace's content/), fifty to a message."""
    # A place in a claim is a mistake that is reported; here the strings have to get through.
    words = [p.replace("{{", "{ {").replace("{{", "{ {") for p in payloads()]
    for name in ("claims", "modules", "messages"):
        os.makedirs(os.path.join(folder, name), exist_ok=True)
    claims, modules, messages = [], [], []
    for start in range(0, len(words), 50):
        chunk, number = words[start:start + 50], start // 50
        for index, text in enumerate(chunk):
            quoted = json.dumps(text)
            # YAML knows no surrogate pairs.
            quoted = json.dumps(text, ensure_ascii=False) if "\\ud" in quoted else quoted
            claims.append("  - {id: INJ-%d, title: %s, references: [{id: r%d, text: %s}], text: {en: %s}}"
                          % (start + index, quoted, start + index, quoted, quoted))
        modules.append("  - {id: INJ-M%d, variants: [{language: en, blocks: [%s]}]}" % (
            number, ", ".join('{text: "{{claim INJ-%d}}"}' % (start + i) for i in range(len(chunk)))))
        messages.append(
            "  - {content_id: INJ-%d, title: %s, purpose: service, channels: [portal], slots: {greeting: M-GREETING, "
            'body: INJ-M%d, closing: M-CLOSING, legal: M-LEGAL}, template: letter, subject: {en: "{{claim INJ-%d}}"}}'
            % (number, json.dumps(chunk[0]), number, start))
    for name, lines in (("claims", claims), ("modules", modules), ("messages", messages)):
        with open(os.path.join(folder, name, "injections.yaml"), "w", encoding="utf-8") as file:
            file.write(name + ":\n" + "\n".join(lines) + "\n")


def unharmed(walk, what):
    page = walk.page
    here = page.evaluate("location.origin")
    if here != walk.base:
        raise Failure("%s led to %s" % (what, here))
    hit = page.evaluate("window.__hit === undefined ? '' : String(window.__hit)")
    if hit:
        raise Failure("%s ran: %s" % (what, hit))
    if page.errors:
        raise Failure("%s: console: %s" % (what, "; ".join(page.errors[:2])))


def visit(walk, report, open_all, everything=True):
    """The content pages as one signed-in person; `everything` = also the injections."""
    page, who = walk.page, walk.login + " "
    page.send("Page.addScriptToEvaluateOnNewDocument", source=TRAP)
    hcp = walk.first_hcp().rsplit("/", 1)[1]
    example = "/content/WEB-P1-INVITE?language=en&hcp=" + hcp
    walk.look_at(who + "content of a message", example, lambda: page.evaluate(open_all))
    walk.look_at(who + "content filter finds nothing", "/content?state=withdrawn&channel=sms")

    def framed():
        page.open(walk.base + example)
        path = page.evaluate("document.querySelector('iframe.letter')?.getAttribute('src')")
        if not path:
            raise Failure("the message is not shown")
        if page.open(walk.base + path) != 200:
            raise Failure("the frame's page did not come")
        if "Unsubscribe" not in page.evaluate("document.body.innerText"):
            raise Failure("the letter has no words")
        if page.evaluate("document.documentElement.scrollWidth") > 1280:
            raise Failure("the letter is too wide")

    report.check(who + "the preview holds the letter", framed)
    if not everything:
        return

    def shown():
        count = 0
        for number in range(6):
            path = "/content/INJ-%d?language=en&hcp=%s" % (number, hcp)
            if page.open(walk.base + path) != 200:
                raise Failure(path + " did not come")
            page.evaluate(open_all)
            unharmed(walk, path)
            count += page.evaluate("document.querySelectorAll('table tbody tr').length")
            frame = page.evaluate("document.querySelector('iframe.letter')?.getAttribute('src')")
            if not frame:
                raise Failure("%s: the message is not shown: %s" % (
                    path, page.evaluate("document.querySelector('.alert')?.textContent")))
            page.open(walk.base + frame)
            unharmed(walk, frame)
        if count < 300:
            raise Failure("only %d strings were shown" % count)
        page.open(walk.base + "/content")
        unharmed(walk, "the list")

    report.check(who + "300 strings as content are words", shown)

    def asked():
        script = ("(p => { const f = document.querySelector('#preview form'); f.hcp.value = p; return true; })(%s)")
        for text in payloads():
            page.open(walk.base + "/content/WEB-P1-INVITE?language=en")
            page.evaluate(script % json.dumps(text))
            page.click_through(lambda: page.evaluate("document.querySelector('#preview form').submit()"), "the answer")
            unharmed(walk, json.dumps(text))

    report.check(who + "300 strings as a question are words", asked)


if __name__ == "__main__":
    import sys
    write(sys.argv[1])
