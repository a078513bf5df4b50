#!/usr/bin/env python3
"""Accuracy of a tuned linear baseline of scikit-learn on the folds that a file names; for `analyze classify --fold`.

    pip install scikit-learn==1.9.1 pandas
    script/peers/classify.py FILE TEXT LABEL FOLD [--logistic]
    rapport analyze classify FILE --text TEXT --label LABEL --fold FOLD

Per outer fold an inner stratified five-fold search over word and character n-grams, their unions, and C.
"""
import sys, warnings
import numpy as np, pandas as pd
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

warnings.filterwarnings("ignore")
path, text, label, fold = sys.argv[1:5]
logistic = "--logistic" in sys.argv
data = pd.read_csv(path)
X, y, f = data[text].values, data[label].values, data[fold].values
terms = {
    "w1": dict(ngram_range=(1, 1)), "w2": dict(ngram_range=(1, 2)),
    "c24": dict(analyzer="char_wb", ngram_range=(2, 4)), "c25": dict(analyzer="char_wb", ngram_range=(2, 5)),
    "c13": dict(analyzer="char_wb", ngram_range=(1, 3)),
}
unions = [("w1",), ("w2",), ("c24",), ("c25",), ("c13",), ("w1", "c24"), ("w1", "c25"), ("w2", "c25"), ("w2", "c13")]

def hits(train, test):
    blocks = {}
    for name, options in terms.items():
        v = TfidfVectorizer(sublinear_tf=True, **options)
        blocks[name] = v.fit_transform(X[train]), v.transform(X[test])
    result = {}
    for union in unions:
        a, b = (hstack([blocks[name][i] for name in union]).tocsr() for i in (0, 1))
        for C in (5, 50) if logistic else (0.1, 0.3, 1, 3):
            m = LogisticRegression(C=C, max_iter=60, tol=1e-3) if logistic else LinearSVC(C=C)
            result[union, C] = (m.fit(a, y[train]).predict(b) == y[test]).sum()
    return result

right = 0
for part in sorted(set(f)):
    train, test = np.where(f != part)[0], np.where(f == part)[0]
    total = {}
    for i, j in StratifiedKFold(5, shuffle=True, random_state=0).split(train, y[train]):
        for key, value in hits(train[i], train[j]).items():
            total[key] = total.get(key, 0) + value
    best = max(total, key=total.get)
    right += hits(train, test)[best]
print("accuracy", right / len(y))
