#!/usr/bin/env python3
"""Open Bandit Pipeline beside `rapport analyze ope`.

Made the goldens of Tests/AnalysisTests/OpeTests.swift with obp 0.5.7, numpy 2.4.6, scikit-learn 1.9.1, Python 3.11:

    python3 -m venv venv && venv/bin/pip install numpy scipy pandas scikit-learn pyyaml matplotlib seaborn tqdm
    venv/bin/pip install --no-deps --ignore-requires-python obp==0.5.7
    venv/bin/python script/peers/ope.py LOG.csv [POLICY.csv]

obp imports torch for policies that learn with neural networks; nothing here uses them, so an empty stand-in serves.
Prints one JSON document: ipw and snipw; for each model-based estimator the least, mean and largest value over seeds
of the reference's own cross-fitting.
"""
import json
import sys
import types
from unittest.mock import MagicMock

for name in ["torch", "torch.nn", "torch.nn.functional", "torch.optim", "torch.utils", "torch.utils.data", "pyieoe"]:
    module = types.ModuleType(name)
    module.__getattr__ = lambda key: MagicMock() if key.islower() else type(key, (object,), {})
    sys.modules[name] = module
sys.modules["torch"].nn = sys.modules["torch.nn"]
sys.modules["torch"].utils = sys.modules["torch.utils"]
sys.modules["torch.utils"].data = sys.modules["torch.utils.data"]

import numpy as np
import obp
import pandas as pd
from obp.ope import (
    DirectMethod, DoublyRobust, DoublyRobustWithShrinkageTuning, InverseProbabilityWeighting, RegressionModel,
    SelfNormalizedInverseProbabilityWeighting, SwitchDoublyRobustTuning,
)
from sklearn.linear_model import LogisticRegression

log = pd.read_csv(sys.argv[1])
action = log["item_id"].to_numpy()
reward = log["click"].to_numpy()
pscore = log["propensity_score"].to_numpy()
position = pd.factorize(log["position"], sort=True)[0]
n, actions, places = len(log), int(action.max()) + 1, int(position.max()) + 1
if len(sys.argv) > 2:
    table = pd.read_csv(sys.argv[2])
    dist = np.repeat(table[[str(a) for a in range(actions)]].to_numpy()[:, :, None], places, axis=2)
else:
    dist = np.full((n, actions, places), 1 / actions)
context = pd.get_dummies(log[[c for c in log if c.startswith("user_feature")]]).to_numpy(float)
known = dict(reward=reward, action=action, pscore=pscore, action_dist=dist, position=position)
result = {
    "obp": obp.__version__,
    "rows": n,
    "ips": InverseProbabilityWeighting().estimate_policy_value(**known),
    "snips": SelfNormalizedInverseProbabilityWeighting().estimate_policy_value(**known),
}
if "target" in log:
    # Only the probability of the logged action matters to these two.
    logged = np.zeros((n, actions, places))
    logged[np.arange(n), action, position] = log["target"]
    known_target = dict(known, action_dist=logged)
    score = InverseProbabilityWeighting()._estimate_round_rewards(**known_target)
    result["target"] = {
        "ips": score.mean(),
        "snips": SelfNormalizedInverseProbabilityWeighting()._estimate_round_rewards(**known_target).mean(),
    }
switch = sorted(set([0.0] + list(np.quantile(dist[np.arange(n), action, position] / pscore, np.arange(1, 21) / 20))))
shrink = [0.0] + [10 ** (k / 2 - 1) for k in range(13)] + [np.inf]
values = {"dm": [], "dr": [], "switch-dr": [], "dros": []}
for seed in range(int(sys.argv[3]) if len(sys.argv) > 3 else 10):
    model = RegressionModel(
        n_actions=actions, len_list=places, action_context=np.eye(actions),
        base_model=LogisticRegression(max_iter=1000))
    q = model.fit_predict(
        context=context, action=action, reward=reward, pscore=pscore, position=position, n_folds=3, random_state=seed)
    more = dict(known, estimated_rewards_by_reg_model=q)
    values["dm"].append(DirectMethod().estimate_policy_value(
        action_dist=dist, estimated_rewards_by_reg_model=q, position=position))
    values["dr"].append(DoublyRobust().estimate_policy_value(**more))
    values["switch-dr"].append(SwitchDoublyRobustTuning(lambdas=switch).estimate_policy_value(**more))
    values["dros"].append(DoublyRobustWithShrinkageTuning(lambdas=[l for l in shrink if l < np.inf]).estimate_policy_value(**more))
for name, list_ in values.items():
    result[name] = {"low": min(list_), "mean": float(np.mean(list_)), "high": max(list_)}
print(json.dumps(result, indent=1))
