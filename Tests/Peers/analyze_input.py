"""Every `rapport analyze` method against bad input: the refusal names file, line and remedy, or the answer is right.

Each file of each case in peer_analyze.py is spoilt in every way that its columns allow. What must hold whatever is spoilt:
the status is 0 or 3 (2 for options); a refusal names the file, says what to do, and names the line where one cell is to blame;
an answer is strict JSON with the contract's keys, whose nulls and empty cells are announced by a warning. Where the spoiling
says more (`refuse`, `same`, `warn`), that is asked too. Also the contract of --json, --out and Parquet for every method.
"""
import json
import math
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import peer_analyze

RAPPORT = os.environ["RAPPORT"]
NUMERIC = ("number", "count", "share", "flag", "gap")
ALWAYS = ["method", "rows", "seconds", "seed", "warnings"]
failures = []
counts = {"runs": 0, "answered": 0, "refused": 0}


def spoilt(sheet):
    """(what, expectation, line or None, bytes) of every way to spoil a file."""
    text = sheet.text()
    middle = len(sheet.rows) // 2

    def with_rows(rows):
        return peer_analyze.Sheet(sheet.columns, rows).text().encode()

    def with_cells(name, new):
        place = sheet.column(name)
        return with_rows([row[:place] + [new(number, row[place])] + row[place + 1:]
                          for number, row in enumerate(sheet.rows)])

    def one(name, cell):
        return with_cells(name, lambda number, old: cell if number == middle else old)

    def times(factor):
        return lambda _, old: old if old == "" else repr(float(old) * factor)

    keys = "key" in sheet.columns.values()
    yield "empty file", "refuse", None, b""
    yield "blank lines only", "refuse", None, b"\n\n\n"
    yield "header only", "any" if sheet.note == "may be empty" else "refuse", None, (text.split("\n")[0] + "\n").encode()
    yield "one row", "any", None, with_rows(sheet.rows[:1])
    yield "two rows", "any", None, with_rows(sheet.rows[:2])
    yield "one row again and again", "refuse" if keys else "any", None, with_rows([sheet.rows[0]] * len(sheet.rows))
    yield "every row twice", "refuse" if keys else "any", None, with_rows(sheet.rows + sheet.rows)
    yield "all missing", "any", None, with_rows([[""] * len(sheet.columns) for _ in sheet.rows])
    yield "byte-order mark", "same", None, b"\xef\xbb\xbf" + text.encode()
    yield "CRLF", "same", None, sheet.text(end="\r\n").encode()
    yield "no last line end", "same", None, text[:-1].encode()
    yield "blank last lines", "same", None, (text + "\n\n").encode()
    if len(sheet.columns) > 1:
        yield "semicolons", "refuse", None, sheet.text(delimiter=";").encode()
    yield "NUL byte", "refuse", None, text.encode()[:-3] + b"\0" + text.encode()[-3:]
    yield "Latin-1", "refuse", None, text.encode() + ",".join(["\u00e9"] * len(sheet.columns)).encode("latin-1")
    yield "UTF-16", "refuse", None, text.encode("utf-16")
    yield "a row too long", "refuse", len(sheet.rows) + 2, (text + "," * len(sheet.columns) + "\n").encode()
    if len(sheet.columns) > 1:
        yield "a row too short", "refuse", len(sheet.rows) + 2, (text + "1\n").encode()
    yield "unclosed quote", "refuse", None, (text + '"' + "1," * (len(sheet.columns) - 1)).encode()
    for name, kind in sheet.columns.items():
        header = [other + "x" if other == name else other for other in sheet.columns]
        yield f"no column {name}", "unused", None, sheet.text(header=header).encode()
        other = next((other for other in sheet.columns if other != name), None)
        if other:
            header = [name if column == other else column for column in sheet.columns]
            yield f"two columns {name}", "refuse", None, sheet.text(header=header).encode()
        yield f"{name} all missing", "any", None, with_cells(name, lambda *_: "")
        yield f"{name} one missing", "any", None, one(name, "")
        if kind != "key":
            yield f"{name} all equal", "any", None, with_cells(name, lambda *_: sheet.rows[0][sheet.column(name)] or "1")
        if kind in NUMERIC:
            for cell in ("word", "nan", "inf", "-inf", "1e999", "1,5", "0x1p3", "NA", "1 2"):
                yield f"{name} one {cell}", "unused", middle + 2, one(name, cell)
            if kind in ("count", "share"):
                yield f"{name} one negative", "unused", middle + 2, one(name, "-1")
        if kind in ("number", "gap"):
            yield f"{name} a third words", "doubt", None, with_cells(
                name, lambda number, old: "word" if number % 3 == 1 else old or "1")
        if kind in ("number", "count", "gap"):
            for cell in ("1e308", "-1e101"):
                yield f"{name} one {cell}", "refuse if used", None, one(name, cell)
            for cell in ("1e99", "1e12"):
                yield f"{name} one {cell}", "warn", None, one(name, cell)
            yield f"{name} all 1e99 and different", "any", None, with_cells(name, times(1e99))
            yield f"{name} all 1e308", "any", None, with_cells(name, lambda *_: "1e308")
            yield f"{name} all 1e300 and different", "any", None, with_cells(name, times(1e300))
            yield f"{name} a million times", "any", None, with_cells(name, times(1e6))
            yield f"{name} a millionth", "any", None, with_cells(name, times(1e-6))
            yield f"{name} all 1e-310", "any", None, with_cells(name, lambda *_: "1e-310")
            yield f"{name} one beyond 64 bits", "any", None, one(name, "99999999999999999999")
        if kind in ("number", "gap"):
            yield f"{name} ±1e308", "any", None, with_cells(name, lambda number, _: "-1e308" if number % 2 else "1e308")
            yield f"{name} negative", "any", None, with_cells(name, times(-1))
        if kind in ("key", "word"):
            yield f"{name} in Greek, Han and signs", "any", None, with_cells(
                name, lambda _, old: f'Ελένη 李 🩺 "{old}", e\u0301\u200d')
            yield f"{name} of 10,000 letters", "any", None, one(name, "ä" * 10_000)
        if kind in ("day", "time"):
            for cell in ("word", "2026-13-01", "2026-02-30", "20260101", "01/02/2026", "2026-01-01T99:00:00Z"):
                if kind == "day" or cell != "20260101":
                    yield f"{name} one {cell}", "unused", middle + 2, one(name, cell)
            yield f"{name} one in the year 1", "any", None, one(name, "0001-01-01")
            yield f"{name} one in the year 9999", "any", None, one(name, "9999-12-31")


def spoilt_lines(sheet):
    """The same of a file of numbers that is not a table."""
    text, rows, customers = sheet.text(), sheet.rows, sheet.customers
    middle = customers[len(customers) // 2]

    def with_rows(new):
        return "".join(" ".join(row) + "\n" for row in new).encode()

    def one(field, cell):
        place = sheet.fields.index(field)
        return with_rows(rows[:middle] + [rows[middle][:place] + [cell] + rows[middle][place + 1:]] + rows[middle + 1:])

    def every(field, new):
        place = sheet.fields.index(field)
        return with_rows([row[:place] + [new(row[place])] + row[place + 1:] if number in customers else row
                          for number, row in enumerate(rows)])

    yield "empty file", "refuse", None, b""
    yield "blank lines only", "refuse", None, b"\n\n\n"
    yield "first line only", "refuse", None, with_rows(rows[:1])
    yield "words only", "refuse", None, b"routes\nof\nnobody\n"
    yield "no customer", "refuse", None, with_rows(rows[:customers.start])
    # Solomon's format announces no number of customers: a shorter list is another problem.
    announces = not text.startswith("SMALL")
    yield "the last line is missing", "refuse" if announces else "any", None, with_rows(rows[:-1])
    yield "one line more", "refuse", len(rows) + 1, with_rows(rows + [rows[-1]])
    yield "a customer twice", "refuse", None, with_rows(rows[:middle] + [rows[middle - 1]] + rows[middle + 1:])
    yield "CRLF", "same", None, sheet.text(end="\r\n").encode()
    yield "tabs", "same", None, sheet.text(delimiter="\t").encode()
    yield "no last line end", "same", None, text[:-1].encode()
    yield "blank last lines", "same", None, (text + "\n\n").encode()
    yield "commas", "refuse", None, text.replace(" ", ",").encode()
    yield "NUL byte", "refuse", None, text.encode()[:-3] + b"\0" + text.encode()[-3:]
    yield "Latin-1", "refuse", None, text.encode() + "é\n".encode("latin-1")
    yield "UTF-16", "refuse", None, text.encode("utf-16")
    yield "a byte that is no UTF-8", "refuse", middle + 1, one("x", "QQQ").replace(b"QQQ", b"\xff")
    yield "a line too short", "refuse", middle + 1, with_rows(rows[:middle] + [rows[middle][:5]] + rows[middle + 1:])
    if not announces:
        yield "a line too long", "refuse", middle + 1, with_rows(rows[:middle] + [rows[middle] + ["1"]] + rows[middle + 1:])
    for field in sheet.fields:
        for cell in ("word", "nan", "inf", "-inf", "1e999", "1e308", "1,5", "NA", "--"):
            yield f"{field} one {cell}", "refuse", middle + 1, one(field, cell)
        if field in sheet.positive:
            yield f"{field} one negative", "refuse", middle + 1, one(field, "-1")
        if field != "id":
            for cell in ("0", "1e99", "1e12", "1e-300", "-0"):
                yield f"{field} one {cell}", "any", None, one(field, cell)
            yield f"{field} all equal", "any", None, every(field, lambda _: rows[middle][sheet.fields.index(field)])
            yield f"{field} a million times", "any", None, every(field, lambda old: repr(float(old) * 1e6))
            yield f"{field} a millionth", "any", None, every(field, lambda old: repr(float(old) * 1e-6))
    for number, row in enumerate(rows[:customers.start]):
        for place, cell in enumerate(row):
            if cell.replace(".", "", 1).isdigit():
                for new in ("word", "nan", "-1", "0.5", "1e30", "99999999999999999999"):
                    changed = rows[:number] + [row[:place] + [new] + row[place + 1:]] + rows[number + 1:]
                    yield f"line {number + 1}, number {place + 1} is {new}", "any", None, with_rows(changed)


def plain(document):
    """A document without what takes time and without what is there with --out only."""
    return {key: value for key, value in document.items() if key not in peer_analyze.TIMED}


def run(case, paths, more=()):
    arguments = [part.format(**paths) for part in case.arguments]
    counts["runs"] += 1
    try:
        return subprocess.run([RAPPORT, "analyze", case.method, *arguments, "--json", *more], capture_output=True, timeout=120)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(arguments, -99, b"", b"no end within two minutes")


def forbidden(name):
    raise ValueError(f"{name} is no JSON")


def nulls(value, place=()):
    if value is None:
        yield place
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from nulls(part, place + (key,))
    elif isinstance(value, list):
        for part in value:
            yield from nulls(part, place)


def table(path):
    """Header and rows of a CSV without line ends in cells; None where a cell holds one."""
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n").split(",") for line in file]


def faults(case, answer, paths, expectation, line, base, out):
    """What is wrong with an answer."""
    status, said = answer.returncode, answer.stderr.decode(errors="replace").strip()
    if status not in (0, 3):
        return [f"status {status}: {said[:200]}"]
    if status == 3:
        counts["refused"] += 1
        found = []
        if expectation == "same":
            found.append(f"refused: {said[:200]}")
        if not any(path in said for path in paths.values()):
            found.append(f"the refusal names no file: {said[:200]}")
        if " — " not in said:
            found.append(f"the refusal has no remedy: {said[:200]}")
        if line is not None and not re.search(rf":{line}[:\s]", said):
            found.append(f"line {line} is not named: {said[:200]}")
        if answer.stdout.strip():
            found.append("a refusal prints no document")
        return found
    counts["answered"] += 1
    try:
        document = json.loads(answer.stdout, parse_constant=forbidden)
    except ValueError as error:
        return [f"no JSON: {error}"]
    found = []
    if expectation == "warn" and not set(document.get("warnings", [])) - (set(base["warnings"]) if base else set()):
        found.append("one number drowns the others without a warning")
    if expectation in ("refuse", "refuse if used") or (expectation == "unused" and line is not None):
        found.append("answered without a refusal")
    if expectation == "doubt" and not any("not numbers" in warning and "line 3" in warning
                                          for warning in document.get("warnings", [])):
        found.append("a column of numbers and words is read as categories without a warning")
    if missing := [key for key in case.keys + ALWAYS if key not in document]:
        found.append(f"keys are missing: {missing}")
    known = set(base["warnings"]) if base else set()
    if not set(document.get("warnings", [])) - known:
        usual = set(nulls(base)) if base else set()
        if unsaid := [place for place in nulls(document) if place not in usual and not set(place) & set(case.nulls)]:
            found.append(f"null without a warning: {unsaid[:3]}")
        if out and os.path.exists(out):
            header, *rows = table(out)
            wide = [row for row in rows if len(row) == len(header)]
            for place, name in enumerate(header):
                if name in ("match_weight", "match_probability", "uplift", "propensity", "score", "pagerank", "influence",
                            "betweenness", "probability", "segment", "start", "p_alive", "expected_purchases",
                            "order_quantity", "stockout_probability", "label") \
                        and any(row[place] == "" for row in wide):
                    found.append(f"empty cells of {name} without a warning")
    if expectation == "same" and plain(document) != plain(base):
        found.append("another answer than the plain file's")
    return found


def judge(job):
    case, work, number, name, what, expectation, line, content, base, used = job
    folder = os.path.join(work, f"{number}")
    os.makedirs(folder)
    paths = {}
    for key, sheet in case.sheets.items():
        paths[key] = os.path.join(folder, key + ".csv")
        with open(paths[key], "wb") as file:
            file.write(content if key == name else sheet.text().encode())
    out = os.path.join(folder, "out.csv")
    found = faults(case, run(case, paths, ["--out", out]), paths, expectation if used else "any", line if used else None,
                   base, out)
    for path in [*paths.values(), out]:
        if os.path.exists(path):
            os.remove(path)
    os.rmdir(folder)
    return [f"{case.name}, {name}: {what}: {fault}" for fault in found]


def uses(case, sheet, what):
    """Whether the spoilt column is one that the method was told to read."""
    names = [part for part in case.arguments] + peer_analyze.IMPLIED.get(case.name, [])
    if isinstance(sheet, peer_analyze.LineSheet):
        return True
    return any(column in what.split(" ") and column in names for column in sheet.columns) \
        or not any(column in what.split(" ") for column in sheet.columns)


def contract(case, work):
    """Keys, columns, precision, Parquet in and out, files and options that are not there."""
    folder = os.path.join(work, case.name.replace(" ", "-"))
    os.makedirs(folder)
    paths = {}
    for key, sheet in case.sheets.items():
        paths[key] = os.path.join(folder, key + ".csv")
        with open(paths[key], "w", encoding="utf-8") as file:
            file.write(sheet.text())
    out = os.path.join(folder, "out.csv")
    answer = run(case, paths, ["--out", out])
    found = faults(case, answer, paths, "any", None, None, out)
    if answer.returncode != 0:
        return None, [f"{case.name}: good input: {answer.stderr.decode()[:300]}"]
    base = json.loads(answer.stdout)
    if base["method"] != case.method:
        found.append(f"method is {base['method']}")
    header = table(out)[0]
    if case.out and [name for name in header if name in case.out] != case.out:
        found.append(f"columns are {header}")
    again = run(case, paths, ["--out", out])
    if plain(json.loads(again.stdout)) != plain(base):
        found.append("the same file gives another document the second time")
    # Parquet in and out give what CSV gives.
    columns = {}
    tables = not any(isinstance(sheet, peer_analyze.LineSheet) for sheet in case.sheets.values())
    for key in case.sheets if tables else ():
        columns[key] = os.path.join(folder, key + ".parquet")
        duckdb.connect().execute(
            f"COPY (SELECT * FROM read_csv('{paths[key]}', header = true)) TO '{columns[key]}' (FORMAT parquet)")
    parquet = os.path.join(folder, "out.parquet")
    answer = run(case, columns if tables else paths, ["--out", parquet])
    if answer.returncode != 0:
        found.append(f"Parquet: {answer.stderr.decode()[:300]}")
    else:
        document = json.loads(answer.stdout)
        if different := [key for key in plain(document) if document[key] != base.get(key)]:
            found.append(f"Parquet gives other {different}: {[(document[key], base.get(key)) for key in different][:1]}")
        connection = duckdb.connect()
        connection.execute(f"SELECT * FROM '{parquet}'")
        if (names := [column[0] for column in connection.description]) != header:
            found.append(f"the Parquet table has {names}")
        if (rows := len(connection.fetchall())) != len(table(out)) - 1:
            found.append(f"the Parquet table has {rows} rows")
    for key in case.sheets:
        for what, path in [("no file", os.path.join(folder, "none.csv")), ("a folder", folder),
                           ("no Parquet", os.path.join(folder, "broken.parquet"))]:
            if path.endswith("broken.parquet"):
                with open(path, "w") as file:
                    file.write("PAR1 not really PAR1")
            broken = {**paths, key: path}
            answer = run(case, broken)
            found += [f"{what}: {fault}" for fault in faults(case, answer, {key: path}, "refuse", None, None, None)]
    for what, more in [("an unknown option", ["--nonsense", "1"]), ("a seed that is no number", ["--seed", "x"])]:
        if run(case, paths, more).returncode != 2:
            found.append(f"{what} is no usage error")
    answer = run(case, paths, ["--out", os.path.join(folder, "no", "such", "folder", "out.csv")])
    found += [f"--out without a folder: {fault}"
              for fault in faults(case, answer, {"out": "no/such/folder"}, "refuse", None, None, None)]
    return base, [f"{case.name}: {fault}" for fault in found]


# The engine that script/setup places, asked from here: it writes and reads the Parquet files.
sys.path.insert(0, os.path.join(os.environ.get("RAPPORT_NATIVE") or os.path.join(
    os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share"), "rapport", "native"), "duckdb"))
import _duckdb as duckdb  # noqa: E402

wanted = sys.argv[1:]
with tempfile.TemporaryDirectory() as work, ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
    cases = [case for case in peer_analyze.cases() if not wanted or case.name in wanted]
    jobs = []
    for case, (base, found) in zip(cases, pool.map(lambda case: contract(case, work), cases)):
        failures += found
        for name, sheet in case.sheets.items():
            ways = spoilt_lines(sheet) if isinstance(sheet, peer_analyze.LineSheet) else spoilt(sheet)
            for what, expectation, line, content in ways:
                used = expectation in ("refuse", "same") or uses(case, sheet, what)
                if expectation == "warn" and (case.name not in peer_analyze.DROWNED or name in peer_analyze.ROBUST):
                    expectation = "any"
                jobs.append((case, work, len(jobs), name, what, expectation, line, content, base, used))
    for found in pool.map(judge, jobs):
        failures += found
for failure in failures:
    print("FAILED  " + failure)
print(f"{'ok      ' if not failures else 'FAILED  '}{counts['runs']} runs of {len(cases)} cases: "
      f"{counts['answered']} answered, {counts['refused']} refused, {len(failures)} faults")
sys.exit(1 if failures else 0)
