"""Facts with known numbers."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from heldout.core.seed import Seed
from heldout.primitives.calendar import whole_parts
from heldout.primitives.card import PRIMITIVES, Feature, State, Training
from heldout.primitives.levels import learn
from heldout.tables.schema import NULL, NULL_DATE
from heldout.testing.primitives import run_graph, same_bits


def fitted(name: str, column: np.ndarray, training: Training | None = None, **settings) -> State:
    card = PRIMITIVES.get(name)
    return card.fit([column], training or Training(), {**card.defaults, **settings})[0]


def transformed(name: str, train: np.ndarray, new: np.ndarray, **settings) -> np.ndarray:
    """Fit on ``train``, transform ``new``; the graph says the same."""
    card = PRIMITIVES.get(name)
    state = fitted(name, train, **settings)
    values = card.transform(state, [new])
    kind = card.reads[0]
    assert same_bits(values, run_graph(card, kind, state, [new]))
    return values


def column(*values: float) -> np.ndarray:
    return np.array(values, np.float32)[:, None]


def texts(*values: str) -> np.ndarray:
    return np.array(values, dtype=object)


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)


def micros(*moments: dt.datetime) -> np.ndarray:
    start = utc(1970, 1, 1)
    return np.array([(m - start) // dt.timedelta(microseconds=1) for m in moments], np.int64)


@pytest.mark.requirement("PREP-02", "X-020")
def test_statistics_come_from_the_training_rows_only() -> None:
    z = transformed("standardize", column(1, 2, 3), column(10))
    assert z[0, 0] == pytest.approx(9.797959, abs=1e-6)


@pytest.mark.requirement("PREP-02", "X-021")
def test_standard_deviation_has_ddof_0() -> None:
    state = fitted("standardize", column(1, 2, 3))
    assert state["scale"][0] == pytest.approx(0.816497, abs=1e-6)
    z = transformed("standardize", column(1, 2, 3), column(1, 2, 3))
    assert z.ravel() == pytest.approx([-1.224745, 0, 1.224745], abs=1e-6)


@pytest.mark.requirement("X-022")
@pytest.mark.parametrize("name", ["standardize", "min_max", "robust_scale"])
def test_a_constant_column_becomes_0_and_never_nan(name: str) -> None:
    z = transformed(name, column(0.1, 0.1, 0.1), column(0.1, 5.0, np.nan, 3e38, -3e38))
    assert z.ravel().tolist() == [0, 0, 0, 0, 0]


@pytest.mark.requirement("PREP-03")
def test_min_max_maps_the_training_range_to_0_and_1() -> None:
    assert transformed("min_max", column(0, 255), column(0, 51, 255, 510)).ravel().tolist() == [
        *(0.0, np.float32(0.2), 1.0, 2.0)
    ]


@pytest.mark.requirement("PREP-06", "PREP-07", "X-023", "X-024")
def test_missing_numbers_become_the_median_and_say_so() -> None:
    train = column(1, *[np.nan] * 5, 3, 100)
    assert fitted("median_fill", train)["medians"] == [3.0]
    values = transformed("median_fill", train, column(np.nan, 0, 3))
    assert values.tolist() == [[3, 1], [0, 0], [3, 0]], "a real 0 is not a missing one"
    few = transformed("median_fill", column(1, *[np.nan] * 4, 3), column(np.nan))
    assert few.tolist() == [[2]], "of four gaps nothing can be learned"
    no_gap = transformed("median_fill", column(1, 2), column(np.nan))
    assert no_gap.tolist() == [[1.5]], "no indicator without gaps in training"


@pytest.mark.requirement("PREP-05", "PREP-09", "X-025")
def test_one_hot_has_k_columns_and_dummy_coding_one_less() -> None:
    train = texts(*["a"] * 5, *["b"] * 5, *["c"] * 5)
    full = transformed("one_hot", train, texts("a", "b", "c", "new"))
    assert full.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]]
    assert transformed("one_hot", train, train, drop="first").shape[1] == 2
    names = PRIMITIVES.get("one_hot").features(fitted("one_hot", train), [Feature("k", "k")])
    assert [f.name for f in names] == ["k = a", "k = b", "k = c"]


@pytest.mark.requirement("PREP-05", "PREP-09")
def test_missing_and_rare_categories_have_their_own_places() -> None:
    train = texts(*["a"] * 5, *["b"] * 4, "c", *[NULL] * 5)
    values = transformed("one_hot", train, texts("a", "b", NULL, "new"))
    assert values.tolist() == [[0, 0, 1], [0, 1, 0], [1, 0, 0], [0, 1, 0]]
    few = transformed("one_hot", texts(*["a"] * 5, *["d"] * 5, "b", NULL), texts("a", "b", NULL))
    assert few.tolist() == [[1, 0], [0, 0], [0, 0]], "of one row with a gap nothing is learned"
    codes = transformed("ordinal", train, texts("a", "b", NULL, "new"))
    assert codes.ravel().tolist() == [2, 1, 0, 1]


def test_levels_keep_their_natural_order() -> None:
    assert learn(texts("10", "9", "b", "a", "-1"), min_count=1) == ["-1", "9", "10", "a", "b"]
    assert learn(texts("nan", "inf", "2"), min_count=1) == ["2", "inf", "nan"]


@pytest.mark.requirement("PREP-10", "X-026")
def test_multi_hot_loses_order_and_counts() -> None:
    train = texts("0 1 2 3", "3 2 1 0")
    new = texts("0 2", "1 1", "", NULL, "9")
    values = transformed("multi_hot", train, new, min_count=1)
    assert values[:, 1:].tolist() == [[1, 0, 1, 0], [0, 1, 0, 0], [0] * 4, [0] * 4, [0] * 4]
    assert values[:, 0].tolist() == [0, 0, 0, 1, 0]


@pytest.mark.requirement("PREP-14", "X-027")
def test_hours_lie_on_a_circle() -> None:
    day = [utc(2024, 5, 1, hour) for hour in range(24)]
    points = transformed("date_cycles", micros(*day), micros(*day), parts=["hour"])
    assert np.hypot(*(points[23] - points[0])) == pytest.approx(0.261052, abs=1e-6)
    assert np.hypot(*(points[1] - points[0])) == pytest.approx(0.261052, abs=1e-6)
    assert np.hypot(*(points[12] - points[0])) == pytest.approx(2.0, abs=1e-6)


@pytest.mark.requirement("PREP-14")
def test_parts_of_dates_agree_with_the_standard_library() -> None:
    rng = Seed(0).rng()
    start, span = utc(1, 1, 1), utc(9999, 12, 31) - utc(1, 1, 1)
    moments = [start + span * float(u) for u in rng.random(3000)]
    moments += [utc(*d) for d in ((2000, 2, 29, 23, 59, 59, 999999), (1900, 3, 1))]
    moments += [utc(1970, 1, 1), utc(1969, 12, 31, 23, 59, 59, 999999), start]
    parts = whole_parts(micros(*moments))
    for name in ("year", "month", "day", "hour", "minute"):
        assert parts[name].tolist() == [getattr(m, name) for m in moments]
    assert parts["weekday"].tolist() == [m.weekday() for m in moments]


@pytest.mark.requirement("PREP-14")
def test_missing_dates_are_missing_in_every_part() -> None:
    days = micros(utc(2020, 1, 1), utc(2021, 2, 2, 3, 4))
    values = transformed("date_parts", days, np.append(days, NULL_DATE))
    assert values[0].tolist() == [2020, 1, 1, 2, 0, 0, 18262]
    assert np.isnan(values[2]).all()
    same_year = micros(utc(2020, 1, 1), utc(2020, 1, 9))
    assert fitted("date_parts", same_year)["parts"] == [["day", "weekday", "days"]]


@pytest.mark.requirement("PREP-14")
def test_ratios_and_products_stay_within_float32() -> None:
    x = np.array([[6, 3], [1, 0], [0, 0], [3e38, 1e-38], [np.nan, 1]], np.float32)
    ratio = transformed("ratio", x, x)[:, 2]
    assert ratio[0] == 2
    assert np.isnan(ratio[1:]).all()
    squares = transformed("polynomial", x, x)[:, 2:]
    assert squares[0].tolist() == [36, 18, 9]
    assert np.isnan(squares[3, 0])


def test_smooth_clip_never_leaves_3() -> None:
    y = transformed("smooth_clip", column(0), column(0, 3, -3, 3.4e38, -3.4e38, np.nan)).ravel()
    assert y[:3] == pytest.approx([0, 3 / 2**0.5, -3 / 2**0.5])
    assert y[3:5].tolist() == [3, -3]
    assert np.isnan(y[5])


def test_numbers_beyond_float32_are_missing() -> None:
    wide = np.array([1e300, -np.inf, 3.5e38, 16777217.0, -0.0, 5e-324])
    values = transformed("number", wide, wide).ravel()
    assert np.isnan(values[:3]).all()
    assert values[3:].tolist() == [16777216.0, 0.0, 0.0]
    assert np.signbit(values[4])


@pytest.mark.requirement("PREP-16")
def test_selection_keeps_what_says_something_about_the_target() -> None:
    rng = Seed(1).rng()
    x = rng.normal(size=(500, 60)).astype(np.float32)
    x[::7, 3] = np.nan
    for y, classes in (((x[:, 10] + rng.normal(size=500) > 0) * 1.0, 2), (x[:, 10] ** 3.0, 0)):
        state = fitted("select", x, Training(y), classes=classes, threshold=8.0)
        assert 10 in state["kept"]
        assert len(state["kept"]) <= 4
    one = fitted("select", x, Training(y), threshold=1e9)
    assert one["kept"] == [10], "the best one always stays"


@pytest.mark.requirement("PREP-16")
def test_selection_inside_the_fold_does_not_leak_on_noise() -> None:
    """On pure noise, selecting on all rows makes a nearest-mean rule look good; selecting on the
    training rows does not."""
    rng = Seed(2).rng()
    x, y = rng.normal(size=(80, 2000)).astype(np.float32), np.arange(80) % 2 * 1.0
    fold = np.arange(80) // 2 % 5

    def score(leak: bool) -> float:
        right = 0
        for k in range(5):
            train, valid = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
            seen = np.arange(80) if leak else train
            kept = fitted("select", x[seen], Training(y[seen]), classes=2, max_features=20)["kept"]
            means = [x[train][y[train] == c][:, kept].mean(axis=0) for c in (0, 1)]
            distance = [((x[valid][:, kept] - m) ** 2).sum(axis=1) for m in means]
            right += int(((distance[1] < distance[0]) == (y[valid] == 1)).sum())
        return right / 80

    assert score(leak=True) > 0.8
    assert 0.3 < score(leak=False) < 0.7


@pytest.mark.requirement("PREP-09")
@pytest.mark.parametrize("classes", [0, 2, 3])
def test_target_means_are_out_of_fold_in_training_and_draw_rare_levels_to_the_mean(
    classes: int,
) -> None:
    """Every level occurs once: in-fold means would give the target away."""
    rng = Seed(3).rng()
    n = 200
    y = rng.integers(max(classes, 2), size=n).astype(float)
    levels = texts(*(f"level {i}" for i in range(n)))
    card = PRIMITIVES.get("target_mean")
    state, known = card.fit(
        [levels], Training(y), {**card.defaults, "classes": classes, "min_count": 1}
    )
    assert known is not None
    assert known.shape == (n, 3 if classes == 3 else 1)
    own = y if classes != 3 else (y == 0)
    assert abs(np.corrcoef(known[:, 0], own)[0, 1]) < 0.5, "the value tells the row's own target"
    told = card.transform(state, [levels])[:, 0]
    assert np.corrcoef(told, own)[0, 1] > 0.99
    prior = own.mean()
    assert told == pytest.approx((own + 10 * prior) / 11, abs=1e-6)
    unseen = card.transform(state, [texts("new", NULL)])[:, 0]
    assert unseen == pytest.approx([prior, prior], abs=1e-6)


def test_codes_keep_their_width_and_mask_levels_that_a_fold_lacks() -> None:
    card = PRIMITIVES.get("codes")
    settings = {**card.defaults, "levels": [["a", "b", "c"]], "min_count": 1}
    state, _ = card.fit([texts("c", "a", "other")], Training(), settings)
    assert state["sizes"] == [5]
    new = texts("a", "b", "c", NULL, "other")
    assert card.transform(state, [new]).ravel().tolist() == [2, 1, 4, 0, 1]


def test_frequency_is_the_share_of_training_rows() -> None:
    values = transformed(
        "frequency", texts("a", "a", "b", NULL), texts("a", "b", NULL, "new"), min_count=1
    )
    assert values.ravel().tolist() == [0.5, 0.25, 0.25, 0.0]


@pytest.mark.requirement("PREP-18", "X-029")
def test_day_and_hour_cross_into_168() -> None:
    card = PRIMITIVES.get("cross")
    day = texts(*(f"day {i % 7}" for i in range(168 * 5)))
    hour = texts(*(f"hour {i // 7 % 24}" for i in range(168 * 5)))
    state, _ = card.fit([day, hour], Training(), card.defaults)
    values = card.transform(state, [day, hour])
    assert values.shape == (840, 168)
    assert (values.sum(axis=1) == 1).all()
    names = [f.name for f in card.features(state, [Feature("day", "day"), Feature("hour", "hour")])]
    assert names[int(values[8].argmax())] == "day = day 1 x hour = hour 1"


@pytest.mark.requirement("X-030")
def test_a_whole_number_is_a_label_encoding_and_one_hot_is_a_vector_with_one_1() -> None:
    """Of N levels, N places; the number says an order that is none, the vector does not."""
    words = texts(*(["a", "b", "c"] * 6))
    hot = transformed("one_hot", words, texts("b"), min_count=1)
    code = transformed("ordinal", words, texts("b"), min_count=1)
    assert hot.tolist() == [[0.0, 1.0, 0.0]]
    assert code.shape == (1, 1) and code[0, 0] == round(float(code[0, 0]))
    apart = transformed("one_hot", words, texts("a", "b", "c"), min_count=1)
    far = np.linalg.norm(apart[:, None] - apart[None], axis=2)
    assert np.allclose(far[~np.eye(3, dtype=bool)], np.sqrt(2))
