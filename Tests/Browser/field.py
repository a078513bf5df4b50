"""The way of a rep's day on Today, and the page of those who lead the field."""

from chrome import Failure


def accepted_day(walk):
    """Accepts visits until a day has a way; returns the day's path."""
    page = walk.page
    page.open(walk.base + "/today")
    days = page.evaluate("Array.from(document.querySelectorAll('.days a')).map(a => a.search)")
    for search in days:
        path = "/today" + search + "&channel=in_person"
        page.open(walk.base + path)
        for _ in range(3):
            item = page.evaluate("document.querySelector('[data-item] [data-accept]')?.closest('[data-item]').id")
            if not item:
                break
            page.scripts(False)
            try:
                page.open(walk.base + path)
                page.click_through(lambda: page.click("#" + item + " [data-accept]"), "the list")
            finally:
                page.scripts(True)
            page.open(walk.base + path)
        if page.evaluate("!!document.querySelector('#route svg.route')"):
            return "/today" + search + "&status=accepted"
    return None


def visit(walk, report, links, who):
    if "/today" in links and walk.page.open(walk.base + "/today") == 200:
        if walk.page.evaluate("!!document.querySelector('[data-keys-open]')"):
            found = []

            def drawn():
                path = accepted_day(walk)
                if not (path):
                    raise Failure("no accepted visit made a way")
                found.append(path)
                rows = walk.page.evaluate("document.querySelectorAll('#route tbody tr').length")
                if not (rows > 0):
                    raise Failure("the way has no table")
                link = walk.page.evaluate("document.querySelector('#route a[download]')?.href")
                if not (link):
                    raise Failure("the day cannot be taken along")

            if report.check("accepted visits make the way of the day", drawn):
                walk.look_at(who + "way of the day", found[0])
    if "/field-force" in links:
        walk.look_at(who + "field force curve", "/field-force?curve=1")
