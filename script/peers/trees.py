"""The same trees by Python's lightgbm: writes Tests/DecisioningTests/Trees/trees.json, the golden of TreeModelTests.

    python3 -m venv venv && venv/bin/pip install lightgbm==4.7.0 numpy
    venv/bin/python script/peers/trees.py Tests/DecisioningTests/Trees/trees.json

The data come from a linear congruential generator that the test repeats, so that no file of data is needed.
"""
import json
import math
import sys

import lightgbm
import numpy as np

ROWS, COLUMNS = 2000, 6


def uniforms(seed):
    state = seed
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        yield (state >> 11) * 2.0**-53


def data():
    draw = uniforms(7)
    rows = np.empty((ROWS, COLUMNS), dtype=np.float32)
    answers = np.empty(ROWS, dtype=np.float32)
    for i in range(ROWS):
        for j in range(4):
            rows[i, j] = next(draw)
        rows[i, 4] = math.floor(next(draw) * 8)
        value = next(draw)
        rows[i, 5] = math.nan if value < 0.1 else value
        logit = 2 * (float(rows[i, 0]) - 0.5) + (1.5 if rows[i, 4] == 3 else 0) - float(rows[i, 1]) * float(rows[i, 2])
        answers[i] = 1 if next(draw) < 1 / (1 + math.exp(-logit)) else 0
    return rows, answers


rows, answers = data()
parameters = {
    "objective": "binary", "learning_rate": 0.1, "num_leaves": 15, "min_data_in_leaf": 20, "deterministic": True,
    "force_row_wise": True, "num_threads": 1, "seed": 42, "verbosity": -1,
}
train = lightgbm.Dataset(rows, answers, categorical_feature=[4], params={**parameters})
booster = lightgbm.train(parameters, train, num_boost_round=40)
golden = {
    "version": lightgbm.__version__, "yes": int(answers.sum()), "trees": booster.num_trees(),
    "probabilities": booster.predict(rows[:50]).tolist(),
    "contributions": booster.predict(rows[:10], pred_contrib=True).tolist(),
}
with open(sys.argv[1], "w") as out:
    json.dump(golden, out, indent=0)
    out.write("\n")
print(f"{golden['trees']} trees, {golden['yes']} of {ROWS} yes, lightgbm {golden['version']}")
