#!/usr/bin/env python3
"""scikit-uplift and DoubleML beside `rapport analyze uplift` and `effect`.

Made the goldens of Tests/AnalysisTests/UpliftTests.swift with scikit-uplift 0.5.1:

    venv/bin/pip install scikit-uplift doubleml
    venv/bin/python script/peers/uplift.py goldens
    venv/bin/python script/peers/uplift.py hillstrom FILE.csv SCORES.csv   # SCORES: our --out, columns id,uplift
    venv/bin/python script/peers/uplift.py effect FILE.csv TREATMENT OUTCOME CONFOUNDER...
"""
import sys

import numpy as np


def rows():
    state, out = 12345, []

    def uniform():
        nonlocal state
        state = state * 48271 % 2147483647
        return state / 2147483647

    for _ in range(500):
        score = np.floor(uniform() * 40) / 40
        treated = uniform() < 0.6
        out.append((score, int(treated), int(uniform() < 0.2 + (0.3 * score if treated else 0))))
    return np.array(out).T


def metrics(y, score, t):
    from sklift.metrics import qini_auc_score, uplift_at_k, uplift_auc_score

    print("qini", repr(float(qini_auc_score(y, score, t))), "uplift", repr(float(uplift_auc_score(y, score, t))))
    for k in (0.1, 0.3):
        print(k, repr(float(uplift_at_k(y, score, t, strategy="overall", k=k))))


if sys.argv[1] == "goldens":
    score, t, y = rows()
    metrics(y, score, t)
elif sys.argv[1] == "hillstrom":
    import pandas as pd

    data = pd.read_csv(sys.argv[2])
    metrics(data["visit"].to_numpy(), pd.read_csv(sys.argv[3])["uplift"].to_numpy(),
            (data["segment"] != "No E-Mail").astype(int).to_numpy())
else:
    import doubleml
    import pandas as pd
    from sklearn.linear_model import LinearRegression, LogisticRegression

    data = pd.read_csv(sys.argv[2])
    frame = doubleml.DoubleMLData(data, y_col=sys.argv[4], d_cols=sys.argv[3], x_cols=sys.argv[5:])
    for seed in range(5):
        np.random.seed(seed)
        model = doubleml.DoubleMLIRM(frame, LinearRegression(), LogisticRegression(), n_folds=5)
        model.fit()
        print("doubleml", doubleml.__version__, model.coef[0], model.se[0])
