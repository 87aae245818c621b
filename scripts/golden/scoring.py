#!/usr/bin/env python3
"""Writes Tests/Fixtures/scoring/golden.json: what scikit-learn computes for small sets of predictions, for ScoringTests
to compare with.

Run it where numpy and scikit-learn are installed (pip install scikit-learn); the tests only read the file. What
scikit-learn has no function for (expected calibration error, the blank filter) is computed here in the plainest way.
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, confusion_matrix, log_loss, roc_auc_score

OUT = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "scoring" / "golden.json"
BINS = 10
EPSILON = 1e-15  # how near to certainty contests let an answer be


def blank_cut(is_blank, scores, percent):
    """The largest share of blanks at or above a threshold that loses at most so many per cent of the others."""
    best = 0.0
    for threshold in np.unique(scores):
        gone = scores >= threshold
        if (gone & ~is_blank).sum() * 100 <= percent * (~is_blank).sum():
            best = max(best, (gone & is_blank).sum() / is_blank.sum())
    return best


def calibration(truth, scores):
    edges = np.arange(1, BINS) / BINS
    counts = np.bincount(np.searchsorted(edges, scores), minlength=BINS)
    observed, predicted = calibration_curve(truth, scores, n_bins=BINS, strategy="uniform")
    shares = counts[counts > 0] / counts.sum()
    return {
        "counts": counts.tolist(), "observed": observed.tolist(), "predicted": predicted.tolist(),
        "error": float((shares * np.abs(observed - predicted)).sum()),
    }


def scores_of(truth, scores):
    some, all_ = truth.any(), truth.all()
    return {
        "logLoss": log_loss(truth, np.clip(scores, EPSILON, 1 - EPSILON), labels=[0, 1]),
        "averagePrecision": average_precision_score(truth, scores) if some else None,
        "rocAUC": roc_auc_score(truth, scores) if some and not all_ else None,
        "calibration": calibration(truth, scores),
    }


def case(name, random, clips, shares, sharpness, digits=None, single=False):
    """`shares` of the clips have each class (the first is blank); predictions know them as well as `sharpness`."""
    if single:
        own = random.choice(len(shares), clips, p=np.array(shares) / sum(shares))
        truth = own[:, None] == np.arange(len(shares))
    else:
        truth = random.random((clips, len(shares))) < np.array(shares)
    prior = np.clip(np.array(shares), 0.02, 0.98)
    logits = np.log(prior / (1 - prior)) + random.normal(0, 1.5, truth.shape) + sharpness * (truth - 0.5)
    predictions = 1 / (1 + np.exp(-logits))
    if digits is not None:
        predictions = np.round(predictions, digits)
    top = predictions.argmax(1)
    blank = truth[:, 0]
    return {
        "name": name,
        "truth": ["".join("01"[int(value)] for value in row) for row in truth],
        "predictions": predictions.tolist(),
        "classes": [scores_of(t, p) for t, p in zip(truth.T, predictions.T)],
        "pooled": calibration(truth.ravel(), predictions.ravel()),
        "topClass": float(truth[np.arange(clips), top].mean()),
        "confusion": confusion_matrix(own, top, labels=range(len(shares))).tolist() if single else None,
        "blank": {str(percent): blank_cut(blank, predictions[:, 0], percent) for percent in (1, 5, 10)}
        if blank.any() and not blank.all() else None,
    }


def main():
    random = np.random.default_rng(7961730)
    cases = [
        case("many labels", random, 90, [0.5, 0.3, 0.1], 3),
        case("equal predictions", random, 120, [0.6, 0.2, 0.05], 2, digits=1),
        case("one label", random, 150, [0.6, 0.3, 0.1], 4, digits=2, single=True),
        case("none and all", random, 25, [0.4, 0.0, 1.0], 2),
        case("one clip", random, 1, [1.0, 0.0], 1),
    ]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"scikit-learn": sklearn.__version__, "cases": cases}, indent=None, separators=(",", ":"))
    OUT.write_text(text.replace('{"name"', '\n{"name"') + "\n")


if __name__ == "__main__":
    main()
