#!/usr/bin/env python3
"""Learns the models of belief from judged clips and their truths.

usage: learn.py JUDGED... --out FOLDER [--check]

JUDGED are files that `saccade-scenes judge` wrote, named NAME-SEED.….tsv, with NAME-SEED.truth.ndjson beside them.
--check writes nothing: it learns from four fifths of the clips and prints what the models are worth on the last fifth, for
each fifth.
"""
import argparse
import json
import os
import warnings

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

OVERLAP = 0.3
GRACE = 0.3
# Looks of a thing for which it counts as a beginning, after it became known.
BEGINNING_S = 2.0

CANDIDATE = """hits seenShare age presence contrast litness shadow ghost stir light doubt margin progress advance path
straightness progressShare advanceShare steps recentAdvance speed pace sinking sunk length usualLength shortest growth shape
fill twin beside leftover near gap slip atBorder beganAtBorder airIsDense airFalls flakeSize flakeContrast flakes noise
settled""".split()
PLACE = """hits seenShare age presence contrast litness shadow ghost stir light doubt margin recentProgress recentStraightness
speed sinking width height usualLength growth mass fill atBorder beganAtBorder inside airFalls flakeSize noise settled observed merged
crowded hidden coverage coveredShare drift seenAlone known unseen mergedFor soloHits companions engulfedFor crowdedFor thinFor
likeness near gap doubtOfPlace leftover slip regionWidth regionHeight regionMass regionArea regionShape regionFill regionContrast regionShadow
regionLitness regionGhost regionStir regionReach regionShare regionTracks regionOverlap""".split()
MODELS = {
    # name: traits, trees, leaves of a tree
    "thing": (CANDIDATE, 600, 8),
    "place": (PLACE, 200, 10),
    "region": (PLACE, 130, 10),
}


def overlap(boxes, box):
    """IoU of each row of boxes with one box."""
    w = np.minimum(boxes[:, 0] + boxes[:, 2], box[0] + box[2]) - np.maximum(boxes[:, 0], box[0])
    h = np.minimum(boxes[:, 1] + boxes[:, 3], box[1] + box[3]) - np.maximum(boxes[:, 1], box[1])
    shared = np.maximum(w, 0) * np.maximum(h, 0)
    return shared / np.maximum(boxes[:, 2] * boxes[:, 3] + box[2] * box[3] - shared, 1e-9), shared


def inside(box):
    x, y = max(box[0], 0), max(box[1], 0)
    return [x, y, max(min(box[0] + box[2], 1) - x, 0), max(min(box[1] + box[3], 1) - y, 0)]


class Truth:
    """A clip's truth: which objects must be known when, as the scorer has it."""

    def __init__(self, path):
        with open(path) as lines:
            rows = [json.loads(line) for line in lines]
        self.clip, self.frames = rows[0], rows[1:]
        self.rate = self.clip["fps"]
        contrasts, self.ready = {}, {}
        for frame in self.frames:
            for o in frame["objects"]:
                if o["visible"] > 0.1:
                    contrasts.setdefault(o["id"], []).append(o["contrast"])
        self.usual = {k for k, v in contrasts.items() if np.mean(v) >= 20}
        for frame in self.frames:
            for o in frame["objects"]:
                if self.shows(o) and frame["time"] >= self.clip["warm_up"] and self.is_scored(frame["time"]):
                    self.ready.setdefault(o["id"], frame["time"])

    def is_scored(self, time):
        return not any(a <= time <= b for a, b in self.clip["unscored"])

    def shows(self, o):
        wide = o["full"][2] * self.clip["width"] / self.clip["height"] * 720
        tall = o["full"][3] * 720
        large = max(wide, tall) >= 24 and min(wide, tall) >= 12
        return o["visible"] >= 0.5 and large and not o["latent"] and o["contrast"] >= 15

    def is_required(self, o, time):
        ready = self.ready.get(o["id"])
        return o["id"] in self.usual and ready is not None and time >= ready + GRACE and self.shows(o)


# Labels. A region may be right for a thing, or for one that need not be known; what is no matter teaches nothing.
WRONG, RIGHT, NO_MATTER = 0, 1, 2


def label(truth, table):
    """For each row: is it a thing by itself, is its box right, is the region's box right."""
    n = len(table)
    thing = np.full(n, NO_MATTER, np.int8)
    place, region = thing.copy(), thing.copy()
    time, serial, known = table[:, 0], table[:, 1].astype(int), table[:, 2] > 0
    boxes, regions = table[:, 3:7].copy(), table[:, 7:11]
    for b in boxes:
        b[:] = inside(b)
    since, last = {}, {}
    for t in np.unique(time):
        i = int(round(t * truth.rate))
        if i >= len(truth.frames):
            continue
        rows = np.nonzero(time == t)[0]
        for r in rows:
            if known[r]:
                since.setdefault(serial[r], t)
        if t < truth.clip["warm_up"]:
            continue
        # In a time of trouble nothing need be known, but nothing false may begin.
        is_scored = truth.is_scored(t)
        objects = truth.frames[i]["objects"]
        whole = [inside(o["full"]) for o in objects]
        need = [truth.is_required(o, truth.frames[i]["time"]) for o in objects]
        own = np.zeros((len(rows), len(objects)))
        alt, part = own.copy(), own.copy()
        for j, o in enumerate(objects):
            a, _ = overlap(boxes[rows], o["box"])
            b, shared = overlap(boxes[rows], whole[j])
            own[:, j] = np.maximum(a, b)
            part[:, j] = shared / np.maximum(boxes[rows][:, 2] * boxes[rows][:, 3], 1e-9)
            alt[:, j] = np.maximum(overlap(regions[rows], o["box"])[0], overlap(regions[rows], whole[j])[0])
        # Known tracks are paired with objects, first with those that they had.
        pairs = sorted(
            ((own[k, j] + (0.5 if last.get(serial[r]) == objects[j]["id"] else 0), k, j)
             for k, r in enumerate(rows) if known[r] for j in range(len(objects)) if own[k, j] >= OVERLAP),
            reverse=True)
        mine, taken = {}, {}
        for _, k, j in pairs:
            if k not in mine and j not in taken:
                mine[k], taken[j] = j, k
                last[serial[rows[k]]] = objects[j]["id"]
        for k, r in enumerate(rows):
            excused = any(
                not need[j] and (own[k, j] >= OVERLAP or part[k, j] >= 0.5) for j in range(len(objects)))
            if known[r] and is_scored:
                if k in mine:
                    place[r] = RIGHT if need[mine[k]] else NO_MATTER
                elif not excused:
                    place[r] = WRONG
                if place[r] != NO_MATTER:
                    free = [j for j in range(len(objects)) if alt[k, j] >= OVERLAP and taken.get(j, k) == k]
                    region[r] = RIGHT if any(need[j] for j in free) else WRONG
            if known[r] and t - since[serial[r]] > BEGINNING_S:
                continue
            best = int(np.argmax(own[k])) if len(objects) else -1
            if best >= 0 and objects[best]["latent"] and own[k, best] >= 0.1:
                continue
            other = taken.get(best)
            is_taken = other is not None and other != k and own[other, best] > max(OVERLAP, own[k, best])
            thing[r] = RIGHT if best >= 0 and own[k, best] >= OVERLAP and not is_taken else WRONG
    return thing, place, region


def load(paths):
    tables, labels, clips, names = [], [], [], None
    for path in paths:
        stem = os.path.basename(path).split(".")[0]
        with open(path) as f:
            names = f.readline().split()
        with warnings.catch_warnings():
            # Nothing was judged where nothing moved.
            warnings.simplefilter("ignore")
            table = np.loadtxt(path, skiprows=1, ndmin=2, dtype=np.float64)
        if table.size == 0:
            continue
        truth = Truth(os.path.join(os.path.dirname(path), stem + ".truth.ndjson"))
        labels.append(np.stack(label(truth, table), 1))
        tables.append(table.astype(np.float32))
        clips += [stem] * len(table)
    return names, np.concatenate(tables), np.concatenate(labels), np.array(clips)


def weights(model, table, clips):
    """Looks of one track say much the same; a track counts by the root of their number."""
    if model != "thing":
        return None
    _, which, count = np.unique(
        np.char.add(clips, table[:, 1].astype(int).astype("U12")), return_inverse=True, return_counts=True)
    return 1 / np.sqrt(count[which])


def fit(model, x, y, w):
    _, trees, leaves = MODELS[model]
    return HistGradientBoostingClassifier(
        max_iter=trees, learning_rate=0.1, max_leaf_nodes=leaves, l2_regularization=1, min_samples_leaf=100,
        max_bins=64, early_stopping=False, random_state=1).fit(x, y, sample_weight=w)


def write(model, traits, fitted, path):
    def node(nodes, i):
        n = nodes[i]
        if n["is_leaf"]:
            return f"{n['value']:.4g}"
        return " ".join([traits[n["feature_idx"]], f"{n['num_threshold']:.5g}",
                         node(nodes, n["left"]), node(nodes, n["right"])])
    with open(path, "w") as out:
        out.write(f"# {model}: made by bench/beliefs/learn.sh\n")
        out.write(f"base {float(fitted._baseline_prediction.ravel()[0]):.5g}\n")
        for tree in fitted._predictors:
            out.write(node(tree[0].nodes, 0) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("judged", nargs="+")
    parser.add_argument("--out", default=".")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    names, table, labels, clips = load(args.judged)
    scenes = np.unique(clips)
    fold = np.array([list(scenes).index(c) % 5 for c in scenes])[np.searchsorted(scenes, clips)]
    for k, model in enumerate(MODELS):
        traits = MODELS[model][0]
        x = table[:, [names.index(t) for t in traits]]
        y = labels[:, k]
        use = y != NO_MATTER
        w = weights(model, table, clips)
        print(f"{model}: {use.sum()} looks, {np.mean(y[use] == RIGHT):.3f} right")
        if args.check:
            p = np.zeros(len(y))
            for f in range(5):
                m = use & (fold != f)
                p[fold == f] = fit(model, x[m], y[m], None if w is None else w[m]).predict_proba(x[fold == f])[:, 1]
            for limit in (0.1, 0.25, 0.5, 0.75, 0.9):
                told = use & (p > limit)
                print(f"  above {limit}: {np.mean(y[told] == RIGHT):.4f} right, "
                      f"{np.sum(told & (y == RIGHT)) / np.sum(use & (y == RIGHT)):.4f} of all that are")
        else:
            fitted = fit(model, x[use], y[use], None if w is None else w[use])
            write(model, traits, fitted, os.path.join(args.out, model + ".trees"))


if __name__ == "__main__":
    main()
