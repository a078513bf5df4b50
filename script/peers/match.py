#!/usr/bin/env python3
"""Peers of `rapport analyze match`.

    match.py splink febrl3|fake1000|transactions [DATA]   Splink after its own tutorials: F1 and seconds, as JSON
    match.py generate N FILE [SEED]                       N corrupted person records with their true cluster, as CSV
    match.py distances                                    pinned values of jellyfish and rapidfuzz, as JSON
    match.py febrl FILE OUT                               a Febrl file with clean headers and a `cluster` column

Made with splink 5.0.0 (duckdb 2.0.0), jellyfish 1.3.0, rapidfuzz 3.14.6. Install them in a virtual environment:
pip install splink==5.0.0 jellyfish==1.3.0 rapidfuzz==3.14.6
"""
import csv
import json
import random
import sys
import time

DATA = "/work/shared/data"


def febrl(path, out):
    with open(path, newline="") as source, open(out, "w", newline="") as target:
        rows = csv.reader(source, skipinitialspace=True)
        writer = csv.writer(target, lineterminator="\n")
        header = [name.strip() for name in next(rows)]
        writer.writerow(header + ["cluster"])
        for row in rows:
            row = [cell.strip() for cell in row]
            writer.writerow(row + [row[0].split("-")[1]])


def pairs_of(frame, id_column, cluster_column):
    members = {}
    for row_id, cluster in zip(frame[id_column], frame[cluster_column]):
        members.setdefault(cluster, []).append(row_id)
    found = set()
    for group in members.values():
        group.sort()
        found.update((a, b) for k, a in enumerate(group) for b in group[k + 1:])
    return found


def quality(predicted, truth):
    hits = len(predicted & truth)
    precision = hits / len(predicted) if predicted else 0.0
    recall = hits / len(truth) if truth else 0.0
    f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
    return {"precision": precision, "recall": recall, "f1": f1, "pairs": len(predicted)}


def splink(which, data):
    import logging
    logging.disable(logging.WARNING)
    import pandas as pd
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    start = time.time()
    if which == "febrl3":
        # docs: demos/examples/duckdb/febrl3.ipynb
        frame = pd.read_csv(f"{data}/febrl/dataset3.csv", skipinitialspace=True, dtype=str)
        frame.columns = [name.strip() for name in frame.columns]
        for name in frame.columns:
            frame[name] = frame[name].str.strip()
        frame["cluster"] = frame["rec_id"].str.split("-").str[1]
        identifier, truth_column = "rec_id", "cluster"
        settings = SettingsCreator(
            unique_id_column_name="rec_id", link_type="dedupe_only",
            blocking_rules_to_generate_predictions=[
                block_on("soc_sec_id"), block_on("given_name"), block_on("surname"), block_on("date_of_birth"),
                block_on("postcode"),
            ],
            comparisons=[
                cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
                cl.NameComparison("surname").configure(term_frequency_adjustments=True),
                cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d",
                                         invalid_dates_as_null=True),
                cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
                cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
                cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
            ] + ([
                cl.JaroWinklerAtThresholds("address_1", [0.9, 0.8]),
                cl.JaroWinklerAtThresholds("address_2", [0.9, 0.8]),
                cl.JaroWinklerAtThresholds("suburb", [0.9, 0.8]).configure(term_frequency_adjustments=True),
                cl.ExactMatch("state").configure(term_frequency_adjustments=True),
            ] if "--all-fields" in sys.argv else []))
        prior_rules = [block_on("given_name", "surname", "date_of_birth"), block_on("soc_sec_id", "date_of_birth"),
                       block_on("given_name", "surname", "soc_sec_id")]
        recall = 0.6
        passes = [block_on("date_of_birth"), block_on("given_name", "surname")]
    elif which == "fake1000":
        # docs: demos/tutorials/03 to 07
        frame = pd.read_csv(f"{data}/splink_fake_1000/fake_1000.csv")
        identifier, truth_column = "unique_id", "cluster"
        settings = SettingsCreator(
            link_type="dedupe_only",
            blocking_rules_to_generate_predictions=[
                block_on("first_name", "city"), block_on("surname"),
                # beyond the tutorial, in Splink's favour: it loses recall with the two rules alone
                block_on("dob"), block_on("email"), block_on("first_name"),
            ] if "--tutorial" not in sys.argv else [block_on("first_name", "city"), block_on("surname")],
            comparisons=[
                cl.NameComparison("first_name"), cl.NameComparison("surname"),
                cl.DateOfBirthComparison("dob", input_is_string=True, invalid_dates_as_null=True),
                cl.ExactMatch("city").configure(term_frequency_adjustments=True), cl.EmailComparison("email"),
            ])
        prior_rules = [block_on("first_name", "surname", "dob"),
                       "substr(l.first_name,1,2) = substr(r.first_name,1,2) and l.surname = r.surname"
                       " and substr(l.city,1,2) = substr(r.city,1,2)", block_on("email")]
        recall = 0.6
        passes = [block_on("first_name", "surname"), block_on("dob")]
    else:
        return transactions(data, start)

    api = DuckDBAPI()
    linker = Linker(api.register(frame), settings)
    linker.training.estimate_probability_two_random_records_match(prior_rules, recall=recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in passes:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    predictions = linker.inference.predict(threshold_match_probability=0.001)
    table = predictions.as_pandas_dataframe()
    seconds_pairs = time.time() - start
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        predictions, threshold_match_probability=0.5).as_pandas_dataframe()
    seconds = time.time() - start
    truth = pairs_of(frame, identifier, truth_column)
    result = {"seconds": seconds, "seconds_without_clusters": seconds_pairs, "candidates_above_0.001": len(table)}
    left, right = table[identifier + "_l"], table[identifier + "_r"]
    probability = table["match_probability"]
    for threshold in (0.2, 0.5, 0.9, 0.95, 0.99):
        chosen = {tuple(sorted(p)) for p, m in zip(zip(left, right), probability) if m >= threshold}
        result[f"pairs@{threshold}"] = quality(chosen, truth)
        grouped = linker.clustering.cluster_pairwise_predictions_at_threshold(
            predictions, threshold_match_probability=threshold).as_pandas_dataframe()
        result[f"clusters@{threshold}"] = quality(pairs_of(grouped, identifier, "cluster_id"), truth)
    if which == "fake1000":
        labels = pd.read_csv(f"{data}/splink_fake_1000/fake_1000_labels.csv")
        keys = [tuple(sorted(p)) for p in zip(labels["unique_id_l"], labels["unique_id_r"])]
        positive = {k for k, s in zip(keys, labels["clerical_match_score"]) if s >= 0.5}
        for threshold in (0.2, 0.5, 0.9):
            chosen = {tuple(sorted(p)) for p, m in zip(zip(left, right), probability) if m >= threshold}
            result[f"labels@{threshold}"] = quality(chosen & set(keys), positive)
    return result


def transactions(data, start):
    # docs: demos/examples/duckdb/transactions.ipynb
    import pandas as pd
    import splink.comparison_level_library as cll
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    sides = [pd.read_csv(f"{data}/splink_transactions/transactions_{s}.csv", parse_dates=["transaction_date"])
             for s in ("origin", "destination")]
    amount = cl.CustomComparison(output_column_name="amount", comparison_levels=[
        cll.NullLevel("amount"), cll.ExactMatchLevel("amount"),
        cll.PercentageDifferenceLevel("amount", 0.01), cll.PercentageDifferenceLevel("amount", 0.03),
        cll.PercentageDifferenceLevel("amount", 0.1), cll.PercentageDifferenceLevel("amount", 0.3), cll.ElseLevel()])
    date = cl.CustomComparison(output_column_name="transaction_date", comparison_levels=[
        cll.NullLevel("transaction_date")] + [
        cll.CustomLevel(f"abs(date_diff('day', transaction_date_l, transaction_date_r)) <= {d}", f"<= {d} days")
        for d in (1, 4, 10, 30)] + [cll.ElseLevel()])
    memo = cl.CustomComparison(output_column_name="memo", comparison_levels=[
        cll.NullLevel("memo"), cll.ExactMatchLevel("memo"),
        cll.LevenshteinLevel("memo", 2), cll.LevenshteinLevel("memo", 6), cll.LevenshteinLevel("memo", 10),
        cll.ElseLevel()])
    settings = SettingsCreator(
        link_type="link_only", probability_two_random_records_match=1 / len(sides[0]),
        blocking_rules_to_generate_predictions=[
            "substr(l.memo,1,3)=substr(r.memo,1,3) and l.amount/r.amount > 0.7 and l.amount/r.amount < 1.3"
            " and strftime(l.transaction_date, '%Y%m') = strftime(r.transaction_date, '%Y%m')",
            "substr(l.memo,1,9)=substr(r.memo,1,9)",
            "round(l.amount/2,0)*2 = round(r.amount/2,0)*2 and yearweek(l.transaction_date) = yearweek(r.transaction_date)",
        ],
        comparisons=[amount, date, memo])
    api = DuckDBAPI()
    linker = Linker([api.register(s, dataset_display_name=n) for s, n in zip(sides, ("origin", "destination"))], settings)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("memo"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("amount"))
    predictions = linker.inference.predict(threshold_match_probability=0.001)
    table = predictions.as_pandas_dataframe()
    seconds = time.time() - start
    # unique_id equals ground_truth on both sides
    truth = {(a, a) for a in set(sides[0]["ground_truth"]) & set(sides[1]["ground_truth"])}
    result = {"seconds": seconds}
    for threshold in (0.5, 0.9, 0.95):
        chosen = table[table["match_probability"] >= threshold]
        result[f"pairs@{threshold}"] = quality(set(zip(chosen["unique_id_l"], chosen["unique_id_r"])), truth)
    ranked = table.sort_values("match_weight", ascending=False)
    taken_l, taken_r, greedy = set(), set(), set()
    for l, r, p in zip(ranked["unique_id_l"], ranked["unique_id_r"], ranked["match_probability"]):
        if l in taken_l or r in taken_r:
            continue
        taken_l.add(l), taken_r.add(r), greedy.add((l, r))
    result["greedy_one_to_one"] = quality(greedy, truth)
    return result


def generate(count, path, seed=1):
    """Persons with skewed names, an address, a birth date, an e-mail, a phone and an identifier; a third are copies
    with typing errors, swaps, moves, missing cells."""
    rng = random.Random(seed)
    consonants, vowels = "b c d f g h j k l m n p r s t v w br ch dr fr gr kr pr sch st tr".split(), "a e i o u ie au".split()

    def word(syllables):
        return "".join(rng.choice(consonants) + rng.choice(vowels) for _ in range(syllables)) + rng.choice("nrstlmk")

    def zipf(values, exponent):
        weights, total = [], 0.0
        for rank in range(1, len(values) + 1):
            total += rank ** -exponent
            weights.append(total)
        return lambda: rng.choices(values, cum_weights=weights)[0]

    first = zipf([word(1 + k % 2) for k in range(3000)], 0.9)
    last = zipf([word(2 + k % 2) for k in range(60000)], 0.8)
    towns = [(word(2) + rng.choice(["", "berg", "stadt", "dorf"]), f"{10000 + k * 9 % 89999:05d}") for k in range(8000)]
    town = zipf(towns, 0.7)
    street = zipf([word(2) + rng.choice(["strasse", "weg", "allee", "platz"]) for _ in range(20000)], 0.5)
    letters = "abcdefghijklmnopqrstuvwxyz"

    def typo(text):
        if len(text) < 2:
            return text
        k = rng.randrange(len(text) - 1)
        pool = "0123456789" if text[k].isdigit() else letters
        return rng.choice([
            lambda: text[:k] + rng.choice(pool) + text[k + 1:], lambda: text[:k] + text[k + 1:],
            lambda: text[:k] + rng.choice(pool) + text[k:], lambda: text[:k] + text[k + 1] + text[k] + text[k + 2:]])()

    def person():
        given, family = first(), last()
        place, code = town()
        year = 1940 + int(rng.triangular(0, 60, 30))
        return [given, family, f"{year}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}",
                f"{street()} {rng.randint(1, 150)}", place, code,
                f"{given}.{family}{rng.randint(1, 999)}@{rng.choice(['web.de', 'gmx.de', 'klinik.de', 'praxis.org'])}",
                f"0{rng.randint(150, 999)}{rng.randint(1000000, 9999999)}", str(rng.randint(10**9, 10**10 - 1))]

    def corrupted(row):
        row = list(row)
        if rng.random() < 0.03:
            row[0], row[1] = row[1], row[0]
        if rng.random() < 0.10:
            moved = person()
            row[3:6] = moved[3:6]
        if rng.random() < 0.05:
            year, month, day = row[2].split("-")
            if int(day) <= 12:
                row[2] = f"{year}-{day}-{month}"
        if rng.random() < 0.08:
            row[0] = row[0][:1]
        for k in range(9):
            chance = rng.random()
            if chance < 0.10:
                row[k] = ""
            elif chance < 0.22 and k != 2:
                row[k] = typo(row[k])
            elif chance < 0.16 and k == 2:
                row[k] = row[k][:8] + f"{rng.randint(1, 28):02d}"
        return row

    with open(path, "w", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(["id", "first_name", "last_name", "date_of_birth", "address", "city", "postcode", "email",
                         "phone", "licence_number", "cluster"])
        written, cluster, pending = 0, 0, []
        while written < count:
            original = person()
            copies = rng.choices([0, 1, 2, 3], [0.7, 0.2, 0.07, 0.03])[0]
            for row in [original] + [corrupted(original) for _ in range(copies)]:
                pending.append(row + [cluster])
                written += 1
            cluster += 1
        pending = pending[:count]
        rng.shuffle(pending)
        for number, row in enumerate(pending):
            writer.writerow([number] + row)


def distances():
    import jellyfish
    from rapidfuzz.distance import OSA
    words = ["martha", "marhta", "dwayne", "duane", "dixon", "dicksonx", "jellyfish", "smellyfish", "a", "b", "ab", "ba",
             "ca", "abc", "smith", "smyth", "robert", "rob", "roberta", "katherine", "catherine", "müller", "mueller",
             "st james", "saint james", "1804974", "1840974", "19560409", "19560904", "jonathan", "johnathan",
             "aaaaaaaaaa", "aaaabaaaaa", "lakefront retrmnt vlge", "lakefront retirement village", ""]
    rng = random.Random(7)
    rows = []
    for _ in range(120):
        a, b = rng.choice(words), rng.choice(words)
        rows.append([a, b, jellyfish.jaro_winkler_similarity(a, b), OSA.distance(a, b)])
    for a, b in zip(words[::2], words[1::2]):
        rows.append([a, b, jellyfish.jaro_winkler_similarity(a, b), OSA.distance(a, b)])
    return [r for r in rows if r[0] and r[1]]


if __name__ == "__main__":
    verb = sys.argv[1] if len(sys.argv) > 1 else ""
    plain = [a for a in sys.argv[2:] if not a.startswith("--")]
    if verb == "splink":
        print(json.dumps(splink(plain[0], plain[1] if len(plain) > 1 else DATA), indent=1))
    elif verb == "generate":
        generate(int(plain[0]), plain[1], int(plain[2]) if len(plain) > 2 else 1)
    elif verb == "distances":
        print(json.dumps(distances()))
    elif verb == "febrl":
        febrl(plain[0], plain[1])
    else:
        sys.exit(__doc__)
