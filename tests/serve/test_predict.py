"""POST /predict: one record or many; what cannot be taken is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heldout.bundle import Bundle
from heldout.tasks.task import Task
from small_bundles import REGRESSION
from small_services import GOOD, asking


def post(client: httpx.Client, body: Any, path: str = "/predict") -> tuple[int, Any]:
    """Status and decoded reply."""
    headers = {"content-type": "application/json"}
    reply = client.post(path, content=json.dumps(body), headers=headers)
    return reply.status_code, reply.json()


@pytest.mark.requirement("DEPLOY-03", "DEPLOY-09")
def test_one_record(client: httpx.Client, bundle: Bundle) -> None:
    """The same numbers as the library, with an id and the model's digest."""
    status, told = post(client, GOOD)
    assert status == 200
    expected = bundle.predict_row(GOOD)
    assert told["prediction"] == expected["prediction"] == "yes"
    assert told["probability"] == expected["probability"]
    assert told["model_digest"] == bundle.digest
    assert told["threshold"] == 0.5
    assert len(told["id"]) == 16
    assert post(client, {"row": GOOD})[1]["probability"] == told["probability"]


@pytest.mark.requirement("DEPLOY-03")
def test_a_batch_in_order_with_refusals_in_their_place(
    client: httpx.Client, bundle: Bundle
) -> None:
    """The refused row is told with field, value, expectation; the rest is answered."""
    rows = [GOOD, {**GOOD, "age": "forty"}, {**GOOD, "age": None}]
    status, told = post(client, {"rows": rows})
    assert status == 200
    assert (told["rows"], told["refused"]) == (3, 1)
    first, second, third = told["predictions"]
    assert first["probability"] == bundle.predict_row(GOOD)["probability"]
    assert second["prediction"] is None
    assert second["refused"][0]["field"] == "age"
    assert second["refused"][0]["value"] == "forty"
    assert "number" in second["refused"][0]["expected"]
    assert third["prediction"] in ("yes", "no")
    assert len({p["id"] for p in told["predictions"]}) == 3
    status, told = post(client, {"rows": rows, "strict": True})
    assert status == 422
    assert told["errors"][0]["row"] == 1


def test_many_rows_are_answered_in_a_thread(client: httpx.Client, bundle: Bundle) -> None:
    """Above 256 rows; the same numbers."""
    rows = [{**GOOD, "age": 20 + i % 50} for i in range(700)]
    status, told = post(client, {"rows": rows})
    assert status == 200
    expected = bundle.predict_row(rows[321])["probability"]["yes"]
    assert told["predictions"][321]["probability"]["yes"] == pytest.approx(expected, abs=1e-12)


@pytest.mark.requirement("DEPLOY-10")
def test_another_threshold_decides_by_the_same_rule(client: httpx.Client) -> None:
    """p >= t is the positive class, also where they are equal."""
    p = post(client, GOOD)[1]["probability"]["yes"]
    assert post(client, {"row": GOOD, "threshold": p})[1]["prediction"] == "yes"
    above = post(client, {"row": GOOD, "threshold": min(1.0, p + 1e-12)})[1]
    assert above["prediction"] == "no"
    assert post(client, {"rows": [GOOD], "threshold": 1})[1]["predictions"][0]["prediction"] == "no"
    for wrong in (-0.1, 1.1, "half", True, [0.5]):
        status, told = post(client, {"row": GOOD, "threshold": wrong})
        assert (status, told["code"]) == (422, "H608")


def test_a_missing_field_names_what_came_near(client: httpx.Client) -> None:
    """And a field that the model does not take is ignored, and said."""
    record = {"Age": 44, **{k: v for k, v in GOOD.items() if k != "age"}}
    status, told = post(client, record)
    assert status == 422
    assert told["errors"] == [
        {"row": 0, "field": "age", "value": None, "nearest": "Age",
         "expected": "given; send null where its value is missing"}
    ]  # fmt: skip
    assert 'the nearest name is "Age"' in told["error"]
    status, told = post(client, {**GOOD, "shoe_size": 43})
    assert status == 200
    assert told["ignored"] == ["shoe_size"]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{}", "text/plain", 415),
        (b"age=1", "application/x-www-form-urlencoded", 415),
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b'{"age": NaN}', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"[]", "application/json", 422),
        (b"3", "application/json", 422),
        (b'{"rows": 3}', "application/json", 422),
        (b'{"rows": []}', "application/json", 422),
        (b'{"rows": [3]}', "application/json", 200),
        (b'{"rows": [3], "strict": true}', "application/json", 422),
        (b"{}", "application/json", 422),
        (b'{"row": null}', "application/json", 422),
    ],
)
def test_nonsense(client: httpx.Client, body: bytes, kind: str, status: int) -> None:
    """Each with its status, none with a traceback."""
    reply = client.post("/predict", content=body, headers={"content-type": kind})
    assert reply.status_code == status
    told = reply.json()
    assert status == 200 or (told["error"] and told["code"].startswith("H6"))
    if status in (400, 415):
        assert told["code"] == "H606"


def test_too_much(client: httpx.Client) -> None:
    """Bytes (announced or not), rows, length of a text."""
    large = b'{"age": "' + b"x" * 8_100_000 + b'"}'
    kind = {"content-type": "application/json"}
    assert client.post("/predict", content=large, headers=kind).status_code == 413
    parts = (large[i : i + 100_000] for i in range(0, len(large), 100_000))
    assert client.post("/predict", content=parts, headers=kind).status_code == 413
    status, told = post(client, {"rows": [None] * 10_001})
    assert (status, told["code"]) == (413, "H607")
    status, told = post(client, {**GOOD, "plan": "x" * 70_000})
    assert status == 422
    assert told["errors"][0]["field"] == "plan"
    assert len(told["errors"][0]["value"]) <= 80
    assert post(client, GOOD)[0] == 200


_json = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["age", "plan", "member", "since", "rows", "row", "threshold", "x"]), inner, max_size=5),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(body=_json, values=st.fixed_dictionaries(dict.fromkeys(GOOD, _json)))
def test_whatever_is_sent(client: httpx.Client, body: Any, values: dict[str, Any]) -> None:
    """A body of any shape and a value of any kind: an answer or a word why not."""
    for sent in (body, values, {"rows": [values, GOOD]}):
        status, told = post(client, sent)
        assert status in (200, 413, 422)
        assert "code" in told or "prediction" in told or "predictions" in told


def test_regression(other_bundle: Callable[[Task], Bundle]) -> None:
    """A number, and no threshold."""
    bundle = other_bundle(REGRESSION)
    with asking(bundle) as client:
        status, told = post(client, GOOD)
        assert status == 200
        assert told["prediction"] == bundle.predict_row(GOOD)["prediction"]
        assert "threshold" not in told
        assert post(client, {"row": GOOD, "threshold": 0.5})[0] == 422
        assert "probability" not in told
        assert "price" in client.get("/").text
        metadata = client.get("/v2/models/regression").json()
        assert metadata["outputs"] == [{"name": "prediction", "datatype": "FP64", "shape": [-1]}]
