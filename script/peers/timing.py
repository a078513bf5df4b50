#!/usr/bin/env python3
"""Reference figures for `rapport analyze timing`, from `lifetimes` (MIT) and, when R is there, BTYDplus.

    python3 -m venv V && V/bin/pip install "numpy<2" "pandas<2" scipy lifetimes
    V/bin/python script/peers/timing.py goldens            # numbers pinned in Tests/InsightTests/Timing
    V/bin/python script/peers/timing.py time SUMMARY.csv   # seconds that lifetimes takes, file reading included
    V/bin/python script/peers/timing.py fixture            # writes the simulated regular customers
    V/bin/python script/peers/timing.py btydplus REPO      # BTYDplus from a checkout of mplatzer/BTYDplus, by Rscript

Pinned with lifetimes 0.11.3, numpy 1.26.4, pandas 1.5.3, scipy 1.17.1; BTYDplus 1.2.0 (GPL-3, not copied), R 4.2.2.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(HERE, "../../Tests/InsightTests/Timing/Fixtures")


def goldens():
    import lifetimes
    from lifetimes import datasets as d

    cdnow = d.load_cdnow_summary_data_with_monetary_value()
    x, t, age = cdnow["frequency"], cdnow["recency"], cdnow["T"]
    out = {"lifetimes": lifetimes.__version__}
    rows = [0, 1, 2, 26, 1500, 2000, 2350]
    for name, fitter in [
        ("bgnbd", lifetimes.BetaGeoFitter()),
        ("mbgnbd", lifetimes.ModifiedBetaGeoFitter()),
        ("paretonbd", lifetimes.ParetoNBDFitter()),
    ]:
        fitter.fit(x, t, age)
        alive = fitter.conditional_probability_alive(x, t, age)
        ahead = fitter.conditional_expected_number_of_purchases_up_to_time(39, x, t, age)
        alive, ahead = [float(v) for v in alive], [float(v) for v in ahead]
        out[name] = {
            "parameters": {k: float(v) for k, v in fitter.params_.items()},
            "log_likelihood": -float(fitter._negative_log_likelihood_) * len(x),
            "alive": [alive[i] for i in rows], "expected": [ahead[i] for i in rows],
            "expected_total": sum(ahead),
            "errors": [float(v) for v in getattr(fitter, "standard_errors_", [])],
        }
    out["rows"] = [[float(x.iloc[i]), float(t.iloc[i]), float(age.iloc[i])] for i in rows]
    back = cdnow[cdnow["frequency"] > 0]
    spend = lifetimes.GammaGammaFitter().fit(back["frequency"], back["monetary_value"])
    mean = spend.conditional_expected_average_profit(cdnow["frequency"], cdnow["monetary_value"])
    out["gammagamma"] = {
        "parameters": {k: float(v) for k, v in spend.params_.items()},
        "log_likelihood": -float(spend._negative_log_likelihood_) * len(back),
        "mean": [float(mean.iloc[i]) for i in rows],
    }
    gifts = d.load_donations()
    give = lifetimes.BetaGeoBetaBinomFitter().fit(
        gifts["frequency"], gifts["recency"], gifts["periods"], gifts["weights"])
    alive = give.conditional_probability_alive(0, gifts["frequency"], gifts["recency"], gifts["periods"])
    ahead = give.conditional_expected_number_of_purchases_up_to_time(
        5, gifts["frequency"], gifts["recency"], gifts["periods"])
    out["bgbb"] = {
        "parameters": {k: float(v) for k, v in give.params_.items()},
        "alive": [float(v) for v in list(alive)[:6]], "expected": [float(v) for v in list(ahead)[:6]],
    }
    print(json.dumps(out, indent=1))


def seconds(path):
    import pandas
    from lifetimes import BetaGeoFitter

    taken = []
    for _ in range(5):
        start = time.perf_counter()
        data = pandas.read_csv(path)
        fitter = BetaGeoFitter().fit(data["frequency"], data["recency"], data["T"])
        taken.append(time.perf_counter() - start)
    print(json.dumps({"parameters": dict(fitter.params_), "seconds": sorted(taken)}))


def fixture():
    """1,000 customers who order every third event: k = 3, r = 1.4, alpha = 1.2, a = 0.8, b = 3."""
    import numpy

    rng = numpy.random.default_rng(20260101)
    with open(os.path.join(FIXTURES, "regular.csv"), "w") as out:
        out.write("frequency,recency,age,log_gaps\n")
        for _ in range(1000):
            rate, leave = rng.gamma(1.4, 1 / 1.2), rng.beta(0.8, 3)
            age = rng.uniform(20, 52)
            at, gaps = 0.0, []
            while rng.uniform() > leave:
                gap = rng.gamma(3, 1 / rate)
                if at + gap > age:
                    break
                at += gap
                gaps.append(gap)
            total = sum(float(numpy.log(g)) for g in gaps)
            out.write(f"{len(gaps)},{at:.6f},{age:.6f},{total:.8f}\n")


def btydplus(repo):
    """Sources the R files from a checkout (work tree or bare) and fits the fixture; needs R with no packages."""
    bare = not os.path.isdir(os.path.join(repo, "R"))
    with tempfile.TemporaryDirectory() as folder:
        for name in ["helpers.R", "mbg-cnbd-k.R"]:
            if bare:
                text = subprocess.check_output(["git", "-C", repo, "show", f"HEAD:R/{name}"], text=True)
            else:
                text = open(os.path.join(repo, "R", name)).read()
            open(os.path.join(folder, name), "w").write(text)
        script = f"""
source("{folder}/mbg-cnbd-k.R")
dc.check.model.params.safe <- function(...) invisible(TRUE)
options(digits = 15)
d <- read.csv("{FIXTURES}/regular.csv")
cbs <- data.frame(x = d$frequency, t.x = d$recency, T.cal = d$age, litt = d$log_gaps)
for (k in list(NULL, 1, 2, 4)) {{
  p <- mbgcnbd.EstimateParameters(cbs, k = k)
  cat(p, "LL", mbgcnbd.cbs.LL(p, cbs), "\\n")
}}
p <- c(3, 1.4, 1.2, 0.8, 3)
cat("LL", mbgcnbd.LL(p, cbs$x[1:8], cbs$t.x[1:8], cbs$T.cal[1:8], cbs$litt[1:8]), "\\n")
cat("alive", mbgcnbd.PAlive(p, cbs$x[1:8], cbs$t.x[1:8], cbs$T.cal[1:8]), "\\n")
"""
        open(os.path.join(folder, "run.R"), "w").write(script)
        print(subprocess.check_output(["Rscript", os.path.join(folder, "run.R")], text=True))


if __name__ == "__main__":
    task = sys.argv[1] if len(sys.argv) > 1 else "goldens"
    {"goldens": goldens, "fixture": fixture}.get(task, lambda: None)()
    if task == "time":
        seconds(sys.argv[2])
    if task == "btydplus":
        btydplus(sys.argv[2])
