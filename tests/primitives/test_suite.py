"""The conformance suite catches primitives that break a rule."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from heldout.primitives.card import PRIMITIVES
from heldout.testing.primitives import check_primitive

NUMBER = PRIMITIVES.get("number")
CLIP = PRIMITIVES.get("clip")
SCALE = PRIMITIVES.get("standardize")
MEAN = PRIMITIVES.get("target_mean")


def refused(card, words: str) -> None:
    with pytest.raises((AssertionError, TypeError, ValueError), match=words):
        check_primitive(card)


def test_a_graph_that_keeps_infinities_is_caught() -> None:
    refused(
        dataclasses.replace(NUMBER, to_onnx=lambda s, tape, x: tape.cast(tape.concat(x), "float")),
        "NumPy .*nan.*, graph .*inf",
    )


def test_a_function_that_is_not_exactly_rounded_is_caught() -> None:
    refused(
        dataclasses.replace(
            CLIP,
            transform=lambda s, columns: np.tanh(columns[0]),
            to_onnx=lambda s, tape, x: tape.op("Tanh", x[0]),
        ),
        "row",
    )


def test_the_sign_of_zero_matters() -> None:
    refused(
        dataclasses.replace(
            CLIP,
            transform=lambda s, columns: columns[0],
            to_onnx=lambda s, tape, x: tape.op("Add", x[0], tape.const(np.float32(0))),
        ),
        "-0.0",
    )


def test_state_that_json_cannot_hold_is_caught() -> None:
    refused(
        dataclasses.replace(CLIP, fit=lambda c, t, s: ({"limit": np.float32(8)}, None)),
        "JSON serializable",
    )
    refused(
        dataclasses.replace(CLIP, fit=lambda c, t, s: ({"limit": float("inf")}, None)),
        "JSON compliant",
    )


def test_looking_beyond_the_given_rows_is_caught() -> None:
    def peek(columns, training, settings):
        whole = columns[0] if columns[0].base is None else columns[0].base
        return SCALE.fit([whole], training, settings)

    refused(dataclasses.replace(SCALE, fit=peek), "other rows were looked at")


def test_a_batch_that_is_not_its_rows_is_caught() -> None:
    def center(_state, columns):
        x = columns[0]
        return x - (x[:1] if len(x) else 0)

    refused(dataclasses.replace(CLIP, transform=center), "row")


def test_target_means_that_see_their_own_row_are_caught() -> None:
    def in_fold(columns, training, settings):
        state, _ = MEAN.fit(columns, training, settings)
        return state, MEAN.transform(state, columns)

    refused(dataclasses.replace(MEAN, fit=in_fold), "own fold's target")


def test_wrong_widths_are_caught() -> None:
    refused(dataclasses.replace(CLIP, features=lambda s, f: f[:1]), "features names 1")


def test_changing_the_input_is_caught() -> None:
    def spoil(columns, training, settings):
        columns[0][:1] = 0
        return CLIP.fit(columns, training, settings)

    refused(dataclasses.replace(CLIP, fit=spoil), "the input was changed")


def test_errors_say_which_example_failed() -> None:
    with pytest.raises(AssertionError) as caught:
        check_primitive(dataclasses.replace(CLIP, features=lambda s, f: f[:1]))
    assert caught.value.__notes__ == ["clip@1, matrix, settings {}"]
