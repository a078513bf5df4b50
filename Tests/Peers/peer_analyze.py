"""Good input for every `rapport analyze` method, and ways to spoil it. Imported by analyze_input.py.

A case is a method with its options and its files; a file is a header with rows and the kind of each column:
    number   any finite number            count  a number from 0 on          share  a probability above 0 and up to 1
    flag     0 or 1                       key    names a row, once           word   a category or text
    day      YYYY-MM-DD                   time   a moment                    gap    a number that may be missing
"""
import dataclasses
import datetime
import random


@dataclasses.dataclass
class Sheet:
    columns: dict  # name: kind
    rows: list     # of lists of texts
    note: str = ""

    def copy(self):
        return Sheet(dict(self.columns), [list(row) for row in self.rows], self.note)

    def column(self, name):
        return list(self.columns).index(name)

    def text(self, delimiter=",", end="\n", header=None):
        lines = [header or list(self.columns)] + self.rows
        return "".join(delimiter.join(quoted(cell, delimiter) for cell in line) + end for line in lines)


class LineSheet(Sheet):
    """A file of numbers apart by spaces, section by section: `rows` are its lines, `columns` is empty.

    `customers` is the range of the lines that hold a customer, `fields` what its numbers are, in order; numbers of
    which a negative one makes no sense are in `positive`."""
    customers: range = range(0)
    fields: tuple = ()
    positive: tuple = ()

    def text(self, delimiter=" ", end="\n", header=None):
        return "".join(delimiter.join(row) + end for row in self.rows)


def lines(text, customers, fields, positive):
    sheet = LineSheet({}, [line.split() for line in text.strip("\n").split("\n")])
    sheet.customers, sheet.fields, sheet.positive = customers, fields, positive
    return sheet


SOLOMON = """
SMALL

VEHICLE
NUMBER     CAPACITY
  3         20

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      40         50          0          0       1236          0
    1      45         68          4        212        967         90
    2      45         70          6        125        870         90
    3      42         66          5         65        946         90
    4      42         68          5        127        982         90
    5      42         65          6         15        967         90
    6      40         69          2        121        902         90
"""
CORDEAU = """
1 2 6 2
0 20
0 20
0 30 40 0 0 0 0
1 37 52 10 7 1 2 1 2
2 49 49 10 6 1 2 1 2
3 52 64 10 6 2 1 3
4 20 26 10 5 1 2 1 2
5 40 30 10 4 1 2 1 2
6 21 47 10 3 1 2 1 2
"""
FLEETS = """
2 2 5 1 200.0
1 3 25 60 10.5 0.5
2 3 70 55 12.5 0.6
1 37 52 7 10 1 2 1 2 3
2 49 49 6 10 1 2 1 2 3
3 52 64 6 10 2 1 3 3
4 20 26 5 10 1 2 1 2 1
5 40 30 4 10 1 2 1 2 3
1 30 40
"""


def quoted(cell, delimiter=","):
    if any(mark in cell for mark in (delimiter, '"', "\n", "\r")):
        return '"' + cell.replace('"', '""') + '"'
    return cell


@dataclasses.dataclass
class Case:
    name: str
    arguments: list   # {file} stands for the path of a sheet
    sheets: dict      # name: Sheet
    keys: list        # what the document holds besides method, rows, seconds, seed, warnings
    out: list         # columns of --out; None where the method has no table
    nulls: tuple = () # keys that may be null without a warning

    @property
    def method(self):
        return self.name.split()[0]


def cases():
    dice = random.Random(5)
    start = datetime.date(2025, 1, 1)

    def sheet(columns, rows, note=""):
        return Sheet(columns, [[str(cell) for cell in row] for row in rows], note)

    people = []
    firsts, lasts = ["anna", "peter", "maria", "jonas", "laura", "felix"], ["berg", "stein", "holm", "vogt", "kern", "lang"]
    for number in range(60):
        first, last = dice.choice(firsts), dice.choice(lasts) + dice.choice(["", "er", "mann", "sen"])
        city, born = dice.choice(["ulm", "bonn", "kiel"]), start - datetime.timedelta(days=dice.randrange(9000, 20000))
        people.append([f"r{number}", first, last, city, born])
        if number % 3 == 0:
            people.append([f"s{number}", first, last[:-1] + dice.choice("aeiou"), city, born])
    log = []
    for customer in range(80):
        at = dice.randrange(60)
        for _ in range(1 + dice.randrange(6)):
            log.append([f"c{customer}", start + datetime.timedelta(days=at), 10 + dice.randrange(90)])
            at += 5 + dice.randrange(60)
    summaries = []
    for number in range(120):
        age = 20 + dice.randrange(30)
        frequency = dice.randrange(7)
        summaries.append([f"c{number}", frequency, 0 if frequency == 0 else 1 + dice.randrange(age - 1), age,
                          0 if frequency == 0 else 5 + dice.randrange(40)])
    spans = []
    for number in range(120):
        frequency = dice.randrange(4)
        spans.append([f"c{number}", frequency, 0 if frequency == 0 else frequency + dice.randrange(7 - frequency), 6])
    decisions = []
    for _ in range(400):
        action = dice.choices(range(3), [0.5, 0.3, 0.2])[0]
        decisions.append([f"a{action}", int(dice.random() < 0.2 + 0.1 * action), [0.5, 0.3, 0.2][action],
                          [0.2, 0.3, 0.5][action], round(dice.random(), 3), f"p{dice.randrange(2)}"])
    trial = []
    for number in range(240):
        x, treated = round(dice.gauss(0, 1), 4), dice.randrange(2)
        trial.append([f"h{number}", treated, int(dice.random() < 0.3 + 0.2 * treated * (x > 0)), x,
                      dice.choice(["gp", "onc"]), round(dice.random(), 4)])
    ties = [[f"n{dice.randrange(40)}", f"n{dice.randrange(40)}", 1 + dice.randrange(5)] for _ in range(160)]
    nodes = [[f"n{number}", dice.choice(["", 1, 2, 3, 4, 5, 6]), dice.randrange(5), round(dice.random(), 3)]
             for number in range(40)]
    members = [[f"h{number}", round(dice.gauss(3 if number % 2 else 9, 1), 3), dice.randrange(20),
                dice.choice(["gp", "onc", "cardio"])] for number in range(120)]
    sends = [[f"h{dice.randrange(30)}",
              f"2026-0{1 + dice.randrange(9)}-1{dice.randrange(10)}T{dice.randrange(7, 20):02}:15:00Z",
              int(dice.random() < 0.3), dice.choice(["Europe/Berlin", "+02:00"]), dice.choice(["gp", "onc"])]
             for _ in range(600)]
    texts = [[dice.choice(["what is the dose of", "how much should be given of"]) + f" drug{number}", "dose"]
             if number % 2 else [dice.choice(["where to store", "how to keep cold"]) + f" drug{number}", "storage"]
             for number in range(80)]
    asked = [[f"which dose of drug{number}" if number % 3 else f"store drug{number}"] for number in range(12)]
    candidates = [[f"c{number}", f"h{number // 3}", round(dice.random() * 5, 3)] for number in range(90)]
    uses = [[f"c{number}", dice.choice(["k1", "k2"]), 1 + dice.randrange(3)] for number in range(90)]
    examples = [[int(dice.random() < 0.4), round(dice.gauss(0, 1), 4), dice.choice(["mail", "visit"])]
                for _ in range(300)]
    stops = [["depot", 0, 0, 0, 0, 500, 0]] + [
        [f"s{number}", dice.randrange(50), dice.randrange(50), 1, 0, 480, 5] for number in range(12)]
    series = []
    for account in range(20):
        for month in range(18):
            level = 10 if month < 12 or account % 2 else 30
            series.append([f"a{account}", datetime.date(2025 + month // 12, month % 12 + 1, 1),
                           max(0, round(dice.gauss(level, 3)))])
    activity = []
    for account in range(8):
        for product in ("p1", "p2"):
            for month in range(10):
                knees, hips = dice.randrange(10), dice.randrange(6)
                activity.append([f"a{account}", product, datetime.date(2026, month + 1, 1), dice.randrange(40), knees,
                                 hips, max(0, 2 * knees + hips + dice.randrange(3)), dice.randrange(5)])

    return [
        Case("match", ["{people}", "--id", "id"],
             {"people": sheet({"id": "key", "first": "word", "last": "word", "city": "word", "born": "word"}, people)},
             ["records", "candidate_pairs", "pairs", "clusters", "parameters"],
             ["id_l", "id_r", "match_weight", "match_probability"]),
        Case("match truth", ["{people}", "--id", "id", "--truth", "truth"],
             {"people": sheet({"id": "key", "first": "word", "last": "word", "city": "word", "truth": "word"},
                              [row[:4] + [row[0][1:]] for row in people])},
             ["precision", "recall", "f1"], ["id_l", "id_r", "match_weight", "match_probability"]),
        Case("timing log", ["{log}", "--id", "id", "--date", "date", "--value", "value", "--horizon", "30"],
             {"log": sheet({"id": "word", "date": "day", "value": "number"}, log)},
             ["parameters", "standard_errors", "log_likelihood", "aic", "k", "expected_total", "holdout"],
             ["id", "p_alive", "expected_purchases", "expected_value", "next_due", "next_due_low", "next_due_high"],
             nulls=("holdout", "standard_errors")),
        Case("timing summaries", ["{sums}", "--model", "bgnbd", "--id", "id", "--frequency", "x", "--recency", "t",
                                  "--age", "n", "--monetary", "m"],
             {"sums": sheet({"id": "word", "x": "count", "t": "count", "n": "count", "m": "gap"}, summaries)},
             ["parameters", "standard_errors", "log_likelihood", "aic", "k", "expected_total", "holdout"],
             ["id", "p_alive", "expected_purchases", "expected_value", "next_due", "next_due_low", "next_due_high"],
             nulls=("holdout", "standard_errors")),
        Case("timing bgbb", ["{sums}", "--model", "bgbb", "--frequency", "x", "--recency", "t", "--n", "n"],
             {"sums": sheet({"id": "word", "x": "count", "t": "count", "n": "count"}, spans)},
             ["parameters", "standard_errors", "log_likelihood", "aic", "k", "expected_total", "holdout"],
             ["id", "p_alive", "expected_purchases", "expected_value", "next_due", "next_due_low", "next_due_high"],
             nulls=("holdout", "standard_errors")),
        Case("ope", ["{log}", "--action", "action", "--reward", "reward", "--propensity", "p", "--target", "target",
                     "--context", "x", "--position", "place"],
             {"log": sheet({"action": "word", "reward": "number", "p": "share", "target": "share", "x": "gap",
                            "place": "word"}, decisions)},
             ["estimates", "effective_sample_size", "max_weight", "support"], None, nulls=("lambda",)),
        Case("uplift score", ["{trial}", "--id", "id", "--treatment", "t", "--outcome", "y", "--score", "s"],
             {"trial": sheet({"id": "word", "t": "flag", "y": "number", "x": "gap", "c": "word", "s": "number"}, trial)},
             ["ate", "qini_auc", "uplift_auc", "uplift_at"], ["id", "uplift", "low", "high"]),
        Case("uplift fit", ["{trial}", "--id", "id", "--treatment", "t", "--outcome", "y", "--fit", "x", "c"],
             {"trial": sheet({"id": "word", "t": "flag", "y": "number", "x": "gap", "c": "word", "s": "number"}, trial)},
             ["ate", "qini_auc", "uplift_auc", "uplift_at"], ["id", "uplift", "low", "high"]),
        Case("effect", ["{trial}", "--treatment", "t", "--outcome", "y", "--confounders", "x", "c"],
             {"trial": sheet({"id": "word", "t": "flag", "y": "number", "x": "gap", "c": "word"},
                             [row[:5] for row in trial])},
             ["effect", "overlap", "trimmed", "e_value"], ["row", "propensity", "score"]),
        Case("network", ["{ties}", "--from", "a", "--to", "b", "--weight", "w"],
             {"ties": sheet({"a": "word", "b": "word", "w": "count"}, ties)},
             ["nodes", "edges", "communities", "modularity", "exposure"],
             ["id", "degree", "pagerank", "betweenness", "community", "influence"], nulls=("exposure",)),
        Case("network exposure", ["{ties}", "--from", "a", "--to", "b", "--nodes", "{nodes}", "--id", "id", "--adopted",
                                  "t", "--contact", "calls", "--attributes", "x"],
             {"ties": sheet({"a": "word", "b": "word", "w": "count"}, ties),
              "nodes": sheet({"id": "key", "t": "gap", "calls": "gap", "x": "gap"}, nodes)},
             ["nodes", "edges", "communities", "modularity", "exposure"],
             ["id", "degree", "pagerank", "betweenness", "community", "influence"]),
        Case("segment", ["{members}", "--id", "id", "--features", "x", "n", "--categorical", "c"],
             {"members": sheet({"id": "word", "x": "gap", "n": "gap", "c": "word"}, members)},
             ["segments", "fidelity", "silhouette", "stability"], ["id", "segment"]),
        Case("timing-of-day", ["{sends}", "--id", "id", "--sent", "sent", "--opened", "opened", "--timezone", "zone",
                               "--segment", "specialty", "--top", "3"],
             {"sends": sheet({"id": "word", "sent": "time", "opened": "flag", "zone": "word", "specialty": "word"},
                             sends)},
             [], ["id", "hour_of_week", "score", "low", "high"], nulls=("segment_deviation",)),
        Case("classify", ["{texts}", "--text", "q", "--label", "kind"],
             {"texts": sheet({"q": "word", "kind": "word"}, texts)},
             ["accuracy", "macro_f1", "labels"], ["row", "label", "probability"], nulls=("embedding",)),
        Case("classify test", ["{texts}", "--text", "q", "--label", "kind", "--test", "{asked}"],
             {"texts": sheet({"q": "word", "kind": "word"}, texts), "asked": sheet({"q": "word"}, asked)},
             ["accuracy", "macro_f1", "labels"], ["row", "label", "probability"],
             nulls=("embedding", "accuracy", "macro_f1")),
        Case("optimize", ["{cands}", "--group", "hcp_id", "--value", "value", "--uses", "{uses}", "--limits",
                          "{limits}"],
             {"cands": sheet({"candidate_id": "key", "hcp_id": "word", "value": "number"}, candidates),
              "uses": sheet({"candidate_id": "word", "constraint_id": "word", "amount": "count"}, uses, "may be empty"),
              "limits": sheet({"constraint_id": "key", "limit": "count", "floor": "gap"},
                              [["k1", 20, 2], ["k2", 15, ""]], "may be empty")},
             ["objective", "upper_bound", "gap", "violations", "prices", "iterations"],
             ["candidate_id", "chosen", "propensity"]),
        Case("learn", ["{log}", "--outcome", "y", "--features", "x", "channel", "--categorical", "channel"],
             {"log": sheet({"y": "flag", "x": "gap", "channel": "word"}, examples)},
             ["progressive_log_loss", "log_loss", "auc", "calibration_error", "examples_per_second"],
             ["row", "probability"]),
        Case("route", ["{stops}", "--format", "csv", "--iterations", "200", "--vehicles", "3", "--capacity", "20"],
             {"stops": sheet({"id": "key", "x": "number", "y": "number", "demand": "count", "ready": "count",
                              "due": "count", "service": "count"}, stops)},
             ["cost", "routes", "feasible", "lower_bound"], ["route", "day", "position", "id", "start"]),
        *[Case(name, ["{stops}", "--format", name.split()[1], "--iterations", "200"], {"stops": file},
               ["cost", "routes", "feasible", "lower_bound"], ["route", "day", "position", "id", "start"])
          for name, file in [
              ("route solomon", lines(SOLOMON, range(10, 16), ("id", "x", "y", "demand", "ready", "due", "service"),
                                      ("demand", "service"))),
              ("route cordeau", lines(CORDEAU, range(4, 10), ("id", "x", "y", "service", "demand", "frequency"),
                                      ("service", "demand", "frequency"))),
              ("route cordeau fleets", lines(FLEETS, range(3, 8), ("id", "x", "y", "demand", "service", "frequency"),
                                             ("service", "demand", "frequency")))]],
        Case("changepoint", ["{series}", "--id", "id", "--period", "month", "--value", "n"],
             {"series": sheet({"id": "word", "month": "day", "n": "number"}, series)}, [],
             ["id", "changed_at", "probability", "before", "after"]),
        Case("replenish", ["{activity}", "--id", "id", "--product", "product", "--stock", "stock", "--activity", "knees",
                           "hips", "--period", "month", "--used", "used", "--on-order", "coming"],
             {"activity": sheet({"id": "word", "product": "word", "month": "day", "stock": "count", "knees": "count",
                                 "hips": "count", "used": "count", "coming": "count"}, activity)}, [],
             ["id", "product", "order_quantity", "order_by", "stockout_probability"]),
    ]


# Columns that a method reads without being told their names.
IMPLIED = {
    "optimize": ["candidate_id", "constraint_id", "amount", "limit", "floor"],
    "route": ["id", "x", "y"],
    "match": ["first", "last", "city", "born"], "match truth": ["first", "last", "city"],
}
# Keys that count seconds.
TIMED = ("seconds", "examples_per_second", "stages")
# Cases whose figures one huge number drowns, and files of theirs where it means no more than "without limit".
DROWNED = ("ope", "uplift fit", "effect", "network", "timing log", "timing summaries", "optimize", "learn", "changepoint", "replenish")
ROBUST = ("limits", "nodes")
