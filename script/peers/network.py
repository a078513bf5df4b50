#!/usr/bin/env python3
"""Reference values for the tests of Insight/Network, from NetworkX, igraph and statsmodels.

    pip install networkx==3.6.1 igraph==1.0.0 leidenalg statsmodels numpy
    script/peers/network.py DIR > DIR/reference.json

DIR is Tests/InsightTests/Fixtures/medical_innovation: edges.csv (from,to,type), nodes.csv (id,adopted,detail,proage2,science).
"""
import csv, json, sys
import igraph, leidenalg, networkx as nx, numpy as np
import statsmodels, statsmodels.api as sm

folder = sys.argv[1]
ties = [(r["from"], r["to"]) for r in csv.DictReader(open(f"{folder}/edges.csv"))]
order = list(dict.fromkeys([a for a, _ in ties] + [b for _, b in ties]))
index = {v: i for i, v in enumerate(order)}
g = nx.DiGraph()
g.add_nodes_from(order)
for a, b in ties:
    g.add_edge(a, b, weight=g.get_edge_data(a, b, {"weight": 0})["weight"] + 1)
und = nx.Graph()
und.add_nodes_from(order)
for a, b, d in g.edges(data=True):
    und.add_edge(a, b, weight=und.get_edge_data(a, b, {"weight": 0})["weight"] + d["weight"])
rank = nx.pagerank(g, tol=1e-15, max_iter=10_000)
between = nx.betweenness_centrality(g)
flat = nx.betweenness_centrality(und)
city = {}
for v in order:
    city.setdefault(v[0], []).append(v)
q = nx.community.modularity(und, list(city.values()))
ig = igraph.Graph(n=len(order), edges=[(index[a], index[b]) for a, b in und.edges()])
w = [d["weight"] for _, _, d in und.edges(data=True)]
best_i = best_l = -1.0
for seed in range(50):
    import random
    random.seed(seed)
    c = ig.community_leiden(objective_function="modularity", weights=w, n_iterations=-1)
    best_i = max(best_i, ig.modularity(c.membership, weights=w))
    p = leidenalg.find_partition(ig, leidenalg.ModularityVertexPartition, weights=w, n_iterations=-1, seed=seed)
    best_l = max(best_l, ig.modularity(p.membership, weights=w))

# Discrete-time hazard: the same rows, bins and columns as ExposureDesign.
nodes = {r["id"]: r for r in csv.DictReader(open(f"{folder}/nodes.csv"))}
periods, names = 17, ["detail", "proage2", "science"]
adopted = {i: int(r["adopted"]) for i, r in nodes.items() if r["adopted"]}
ok = [v for v in nodes if all(nodes[v][n] != "" for n in names)]
events = [sum(1 for v in ok if adopted.get(v, 99) == t) for t in range(1, periods + 1)]
bins, b, inside = [], 0, 0
for t in range(periods):
    bins.append(b)
    inside += events[t]
    if inside >= 3 and sum(events[t + 1:]) >= 3:
        b, inside = b + 1, 0
X, y = [], []
for v in ok:
    out = [(k, d["weight"]) for _, k, d in g.out_edges(v, data=True)] if v in g else []
    total = sum(w for _, w in out)
    for t in range(1, min(adopted.get(v, periods), periods) + 1):
        e = sum(w for k, w in out if adopted.get(k, 99) < t) / total if total else 0.0
        X.append([float(bins[t - 1] == j) for j in range(b + 1)] + [e] + [float(nodes[v][n]) for n in names])
        y.append(float(adopted.get(v) == t))
def fit(columns):
    m = sm.Logit(np.array(y), np.array(X)[:, columns]).fit(method="newton", tol=1e-12, maxiter=200, disp=0)
    return {"coefficients": list(m.params[b + 1:]), "errors": list(m.bse[b + 1:]), "log_likelihood": m.llf}
everything = list(range(b + 5))
json.dump({
    "made_by": f"networkx {nx.__version__}, igraph {igraph.__version__}, leidenalg {leidenalg.__version__}, "
               f"statsmodels {statsmodels.__version__}",
    "order": order, "pagerank": [rank[v] for v in order], "betweenness": [between[v] for v in order],
    "betweenness_undirected": [flat[v] for v in order], "modularity_of_cities": q,
    "leiden_igraph_best_of_50": best_i, "leiden_leidenalg_best_of_50": best_l, "rows": len(y),
    "hazard": fit(everything), "hazard_without_contact": fit([c for c in everything if c != b + 2]),
}, sys.stdout, indent=1)
