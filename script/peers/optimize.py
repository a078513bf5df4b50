#!/usr/bin/env python3
"""HiGHS beside `rapport analyze optimize`: 20,000 HCPs x 24 candidates, 42 shared limits.

    venv/bin/pip install numpy highspy            # measured with highspy 1.15.1, numpy 2.4
    venv/bin/python script/peers/optimize.py make FOLDER loose|binding
    venv/bin/python script/peers/optimize.py highs FOLDER [simplex|ipm|pdlp|hipo]
    venv/bin/python script/peers/optimize.py check FOLDER OUT.csv LP_OPTIMUM

`make` (seed 7) writes candidates.csv, uses.csv and limits.csv: 24 actions over 6 channels, minutes of 40 reps, a
budget and a volume limit. `loose`: the budget does not bind; `binding`: it allows about half of what would be spent.
"""
import sys
import time

import numpy as np


def make(folder, kind):
    rng = np.random.default_rng(7)
    hcps, actions, reps = 20000, 24, 40
    channel = np.arange(actions) % 6
    minutes = np.array([30, 15, 10, 0, 5, 20])[channel] + (np.arange(actions) // 6) * np.array([5, 5, 2, 0, 1, 5])[channel]
    cost = np.array([20, 8, 4, 0.5, 1, 12])[channel] * (1 + 0.25 * (np.arange(actions) // 6))
    rep = np.arange(hcps) * reps // hcps
    potential = rng.gamma(2.0, 25.0, size=hcps)
    taste = rng.normal(0, 0.5, size=(hcps, 6))
    effect = np.array([0.30, 0.18, 0.12, 0.05, 0.06, 0.22])[channel]
    value = potential[:, None] * effect * np.exp(taste[:, channel] + rng.normal(0, 0.35, size=(hcps, actions)))
    value -= cost
    with open(folder + "/candidates.csv", "w") as f:
        f.write("candidate_id,hcp_id,value\n")
        for h in range(hcps):
            for a in range(actions):
                f.write("h%d_%d,h%d,%.6f\n" % (h, a, h, value[h, a]))
    with open(folder + "/uses.csv", "w") as f:
        f.write("candidate_id,constraint_id,amount\n")
        for h in range(hcps):
            for a in range(actions):
                if minutes[a] > 0:
                    f.write("h%d_%d,rep_%d,%d\n" % (h, a, rep[h], minutes[a]))
                f.write("h%d_%d,budget,%g\n" % (h, a, cost[a]))
                if channel[a] in (3, 4):
                    f.write("h%d_%d,volume,1\n" % (h, a))
    with open(folder + "/limits.csv", "w") as f:
        f.write("constraint_id,limit\n")
        for r in range(reps):
            f.write("rep_%d,%d\n" % (r, int(rng.integers(4000, 7000))))
        f.write("budget,%g\nvolume,%d\n" % (60000 if kind == "binding" else 1e6, 6000))


def load(folder):
    import csv

    ids, group, value = {}, [], []
    groups = {}
    with open(folder + "/candidates.csv") as f:
        for row in csv.DictReader(f):
            ids[row["candidate_id"]] = len(value)
            group.append(groups.setdefault(row["hcp_id"], len(groups)))
            value.append(float(row["value"]))
    limits, names = [], {}
    with open(folder + "/limits.csv") as f:
        for row in csv.DictReader(f):
            names[row["constraint_id"]] = len(limits)
            limits.append(float(row["limit"]))
    col, line, amount = [], [], []
    with open(folder + "/uses.csv") as f:
        for row in csv.DictReader(f):
            col.append(ids[row["candidate_id"]])
            line.append(names[row["constraint_id"]])
            amount.append(float(row["amount"]))
    return ids, np.array(group), np.array(value), np.array(limits), np.array(col), np.array(line), np.array(amount)


def highs(folder, method):
    import highspy

    start = time.perf_counter()
    _, group, value, limits, col, line, amount = load(folder)
    read = time.perf_counter() - start
    n, g = len(value), group.max() + 1
    rows = np.concatenate([group, g + line])
    cols = np.concatenate([np.arange(n), col])
    data = np.concatenate([np.ones(n), amount])
    order = np.lexsort((rows, cols))
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = n, int(g + len(limits))
    lp.col_cost_ = -value
    lp.col_lower_, lp.col_upper_ = np.zeros(n), np.ones(n)
    lp.row_lower_ = np.full(lp.num_row_, -highspy.kHighsInf)
    lp.row_upper_ = np.concatenate([np.ones(g), limits])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.searchsorted(cols[order], np.arange(n + 1))
    lp.a_matrix_.index_ = rows[order]
    lp.a_matrix_.value_ = data[order]
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("solver", method)
    solver.passModel(lp)
    start = time.perf_counter()
    solver.run()
    taken = time.perf_counter() - start
    print(method, solver.getModelStatus(), "objective", repr(-solver.getObjectiveValue()), "solve_s", taken, "read_s", read)


def check(folder, out, optimum):
    import csv

    ids, group, value, limits, col, line, amount = load(folder)
    chosen = np.zeros(len(value), bool)
    with open(out) as f:
        for row in csv.DictReader(f):
            chosen[ids[row["candidate_id"]]] = row["chosen"] in ("1", "true")
    used = np.bincount(line, weights=amount * chosen[col], minlength=len(limits))
    print("value", value[chosen].sum(), "share", value[chosen].sum() / optimum, "violations",
          int((used > limits + 1e-9).sum() + (np.bincount(group[chosen]) > 1).sum()))


if sys.argv[1] == "make":
    make(sys.argv[2], sys.argv[3])
elif sys.argv[1] == "highs":
    highs(sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "choose")
else:
    check(sys.argv[2], sys.argv[3], float(sys.argv[4]))
