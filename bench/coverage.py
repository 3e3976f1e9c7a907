"""Do the intervals hold the truth as often as they say? Simulations with known truth.

Run: python bench/coverage.py [--quick]. Prints one row a case: how often the nominal 95 %
interval holds the true value, how often a gate withheld it, the median half-width.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from heldout.metrics.scoring import compare, score
from heldout.tasks.null import predict
from heldout.tasks.task import Task

BIG = 2_000_000

BINARY = Task("binary", "y", "roc_auc", True, ("No", "Yes"), "Yes")
NUMBER = Task("regression", "y", "mae", False)

Draw = Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray, np.ndarray | None]]


@dataclass(frozen=True)
class Case:
    """A metric on a population; ``draw(rng, n)`` gives y, prediction and groups or None."""

    label: str
    metric: str
    task: Task
    n: int
    draw: Draw
    threshold: float | None = None


def rare(prevalence: float) -> Draw:
    """Normal scores with an AUC of about 0.8, calibrated badly."""

    def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, None]:
        y = (rng.random(n) < prevalence).astype(float)
        z = rng.normal(0, 1, n) + 1.19 * y
        logit = 1.3 * z + np.log(prevalence / (1 - prevalence)) - 0.9
        p = 1 / (1 + np.exp(-logit))
        return y, np.stack([1 - p, p], axis=1), None

    return draw


def noisy(errors: Callable[[np.random.Generator, int], np.ndarray]) -> Draw:
    """A target of variance 4 and errors of a given kind."""

    def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, None]:
        signal = rng.normal(0, 2, n)
        return signal + errors(rng, n), signal[:, None], None

    return draw


def clustered(size: int, icc: float) -> Draw:
    """Groups of ``size`` samples whose scores share a part (intraclass correlation ``icc``)."""

    def draw(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        groups = np.arange(n) // size
        shared = rng.normal(0, 1, groups[-1] + 1)[groups]
        hard = np.sqrt(icc) * shared + np.sqrt(1 - icc) * rng.normal(0, 1, n)
        y = (rng.random(n) < 0.5).astype(float)
        right = hard < 0.84  # 80 % decided rightly
        p = np.where(right == (y == 1), 0.9, 0.1)
        return y, np.stack([1 - p, p], axis=1), groups

    return draw


def cases() -> Iterator[Case]:
    """One row a case, as Markdown."""
    for prevalence, n in ((0.5, 100), (0.09, 100), (0.09, 300), (0.09, 1000), (0.015, 1000)):
        for metric in ("roc_auc", "average_precision", "log_loss", "brier"):
            yield Case(f"{metric} {prevalence}", metric, BINARY, n, rare(prevalence))
    for prevalence, n in ((0.5, 300), (0.09, 1000), (0.015, 3000)):
        for metric in ("f1", "balanced_accuracy", "mcc", "precision", "recall"):
            yield Case(f"{metric} {prevalence}", metric, BINARY, n, rare(prevalence), prevalence)
    for n in (100, 1000):
        yield Case("accuracy 0.015", "accuracy", BINARY, n, rare(0.015))
    for word, errors in (
        ("normal", lambda rng, n: rng.normal(0, 1, n)),
        ("t3", lambda rng, n: rng.standard_t(3, n)),
        ("lognormal", lambda rng, n: rng.lognormal(0, 1, n) - np.exp(0.5)),
    ):
        for metric in ("mae", "rmse", "r2", "wape"):
            yield Case(f"{metric} {word}", metric, NUMBER, 300, noisy(errors))
    for groups, size in ((50, 20), (20, 30), (10, 30)):
        label = f"accuracy, {groups} groups of {size}, icc .2"
        yield Case(label, "accuracy", BINARY, groups * size, clustered(size, 0.2))


def coverage(case: Case, draws: int) -> tuple[float, float, float, float]:
    """Share of intervals that hold the truth, share withheld, share warned, half-width."""
    rng = np.random.default_rng(0)
    big = BIG if case.n % 30 == 0 or case.n % 20 == 0 else BIG // case.n * case.n
    y, p, _ = case.draw(rng, big)
    truth = score(case.metric, case.task, y, p, threshold=case.threshold).value
    held, given, warned, widths = 0, 0, 0, []
    for _ in range(draws):
        y, p, groups = case.draw(rng, case.n)
        s = score(case.metric, case.task, y, p, threshold=case.threshold, groups=groups)
        warned += bool(s.warning)
        if s.low is None or s.high is None:
            continue
        given += 1
        held += s.low <= truth <= s.high
        widths.append((s.high - s.low) / 2)
    if not given:
        return float("nan"), 1.0, warned / draws, float("nan")
    return held / given, 1 - given / draws, warned / draws, float(np.median(widths))


def false_signals(n: int, prevalence: float, draws: int) -> float:
    """How often scores without any relation to the target pass the gate of "signal"."""
    rng = np.random.default_rng(1)
    passed = 0
    for _ in range(draws):
        y, p, _ = rare(prevalence)(rng, n)
        noise = rng.permutation(p)
        null = predict("prior", BINARY, y, n)
        gain = compare("roc_auc", BINARY, y, noise, null)
        passed += gain.low is not None and gain.low > 0
    return passed / draws


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--quick", action="store_true", help="100 draws a case")
    options = parser.parse_args()
    draws = 100 if options.quick else options.draws
    start = time.monotonic()
    print(f"nominal 95 %, {draws} draws a case; NumPy {np.__version__}, Python {sys.version[:6]}")
    print(f"{'case':38}{'n':>6}{'holds':>8}{'withheld':>10}{'warned':>8}{'half-width':>12}")
    for case in cases():
        holds, withheld, warned, width = coverage(case, draws)
        print(
            f"{case.label:38}{case.n:6}{holds:8.3f}{withheld:10.3f}{warned:8.3f}{width:12.4f}",
            flush=True,
        )
    print(
        "\nno signal at all: how often the gain over the null model seems above 0 (2.5 % promised)"
    )
    for n, prevalence in ((200, 0.5), (1000, 0.5), (1000, 0.09), (1000, 0.015)):
        print(f"{f'roc_auc {prevalence}':38}{n:6}{false_signals(n, prevalence, draws):8.3f}")
    print(f"{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
