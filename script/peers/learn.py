#!/usr/bin/env python3
"""Vowpal Wabbit beside `rapport analyze learn` on one file of 1,000,000 rows and 16 features.

    venv/bin/pip install numpy vowpalwabbit          # measured with vowpalwabbit 9.11, numpy 2.4
    venv/bin/python script/peers/learn.py make FOLDER [ROWS]
    venv/bin/python script/peers/learn.py vw FOLDER

`make` (seed 20240601) writes log.csv and the same rows as log.vw, in Vowpal Wabbit's own text format: eight categories
of 3 to 20,000 levels with a Zipf-like law and eight numbers of different scale, an outcome from a logistic model with
effects for every level, linear effects and noise that no feature explains.
"""
import sys
import time

CATEGORIES = [3, 7, 12, 50, 200, 1000, 5000, 20000]


def make(folder, rows):
    import numpy as np

    rng = np.random.default_rng(20240601)
    logit = np.full(rows, -1.6)
    columns = []
    for k, size in enumerate(CATEGORIES):
        weights = 1 / (np.arange(size) + 2.0)
        code = rng.choice(size, size=rows, p=weights / weights.sum())
        logit += rng.normal(scale=0.5 if size < 100 else 0.35, size=size)[code]
        columns.append(("c%d" % k, code))
    for k in range(8):
        z = rng.normal(size=rows)
        logit += z * rng.normal(scale=0.3)
        x = [z, np.exp(z), 100 + 15 * z, z * 1e-3, np.round(z * 10), z * 1e4, 5 + z, np.round(3 * np.abs(z))][k]
        columns.append(("x%d" % k, x))
    logit += rng.normal(scale=0.5, size=rows)
    y = rng.random(rows) < 1 / (1 + np.exp(-logit))
    names = [name for name, _ in columns]
    with open(folder + "/log.csv", "w") as csv, open(folder + "/log.vw", "w") as vw:
        csv.write("y," + ",".join(names) + "\n")
        texts = [
            ["v%d" % v for v in values] if name[0] == "c" else ["%.6g" % v for v in values]
            for name, values in columns
        ]
        for row in range(rows):
            cells = [text[row] for text in texts]
            csv.write(("1," if y[row] else "0,") + ",".join(cells) + "\n")
            tokens = [
                name + "=" + cell if name[0] == "c" else name + ":" + cell for name, cell in zip(names, cells)
            ]
            vw.write(("1 |f " if y[row] else "-1 |f ") + " ".join(tokens) + "\n")


def vw(folder):
    from vowpalwabbit import Workspace, __version__

    # Its default learner; its own settings for the logistic loss. No cache file: both read text.
    for extra in ["", "-l 0.1", "--power_t 0.3"]:
        start = time.perf_counter()
        model = Workspace("--loss_function logistic -b 18 --no_stdin -d %s/log.vw --quiet %s" % (folder, extra))
        model.run_parser() if hasattr(model, "run_parser") else None
        loss = model.get_sum_loss() / model.get_weighted_examples()
        count = model.get_weighted_examples()
        model.finish()
        taken = time.perf_counter() - start
        print("vowpalwabbit", __version__, extra or "defaults", "rows", count, "progressive", loss, "seconds", taken,
              "rows/s", count / taken)


if sys.argv[1] == "make":
    make(sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000)
else:
    vw(sys.argv[2])
