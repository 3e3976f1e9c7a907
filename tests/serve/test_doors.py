"""The other doors: V2, TensorFlow Serving, /invocations, health, metrics, OpenAPI."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heldout.bundle import Bundle
from small_services import GOOD

JSON = {"content-type": "application/json"}
V2 = "/v2/models/churn/infer"


def tensor(name: str, kind: str, *data: Any) -> dict[str, Any]:
    """A V2 tensor of one column."""
    return {"name": name, "datatype": kind, "shape": [len(data)], "data": list(data)}


def good(rows: int = 1) -> list[dict[str, Any]]:
    """All inputs, for some rows."""
    return [
        tensor("age", "FP64", *[44.0] * rows),
        tensor("plan", "BYTES", *["gold"] * rows),
        tensor("member", "BOOL", *[True] * rows),
        tensor("since", "BYTES", *["2015-03-01"] * rows),
    ]


def test_v2_health_and_metadata(client: httpx.Client) -> None:
    """Names and datatypes as the protocol has them."""
    assert client.get("/v2").json()["name"] == "heldout"
    assert client.get("/v2/health/live").json() == {"live": True}
    assert client.get("/v2/health/ready").json() == {"ready": True}
    assert client.get("/v2/models/churn/ready").status_code == 200
    told = client.get("/v2/models/churn").json()
    assert [(i["name"], i["datatype"]) for i in told["inputs"]] == [
        ("age", "FP64"), ("plan", "BYTES"), ("member", "BOOL"), ("since", "BYTES"),
    ]  # fmt: skip
    assert {o["name"]: o["datatype"] for o in told["outputs"]}["probability"] == "FP64"
    version = told["versions"][0]
    assert client.get(f"/v2/models/churn/versions/{version}").status_code == 200
    for path in ("/v2/models/other", "/v2/models/other/ready", "/v2/models/churn/versions/1"):
        reply = client.get(path)
        assert reply.status_code == 404
        assert "error" in reply.json()
        assert reply.json()["code"] == "H610"


def test_v2_infer_gives_the_same_numbers(client: httpx.Client, bundle: Bundle) -> None:
    """The id is echoed; outputs can be chosen; data may be nested."""
    told = client.post(V2, json={"id": "abc", "inputs": good(2)}).json()
    assert told["id"] == "abc"
    assert told["model_name"] == "churn"
    outputs = {o["name"]: o for o in told["outputs"]}
    expected = bundle.predict_row(GOOD)["probability"]
    assert outputs["probability"]["shape"] == [2, 2]
    assert outputs["probability"]["data"][:2] == pytest.approx(list(expected.values()), abs=1e-12)
    assert outputs["prediction"]["data"] == ["yes", "yes"]
    assert outputs["decision"]["data"] == [1, 1]
    nested = good(1)
    nested[0] |= {"shape": [1, 1], "data": [[44]], "datatype": "INT64"}
    told = client.post(V2, json={"inputs": nested, "outputs": [{"name": "decision"}]}).json()
    assert [o["name"] for o in told["outputs"]] == ["decision"]
    told = client.post(V2, json={"inputs": nested, "parameters": {"threshold": 1.0}}).json()
    assert told["outputs"][0]["data"] == ["no"]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "inputs"),
        ({"inputs": []}, "inputs"),
        ({"inputs": [3]}, "name"),
        ({"inputs": good()[:3]}, "since"),
        ({"inputs": [*good()[:3], tensor("since", "INT64", 3)]}, "BYTES"),
        ({"inputs": [{**good()[0], "shape": [2]}, *good()[1:]]}, "shape"),
        ({"inputs": [{**good()[0], "shape": [True]}, *good()[1:]]}, "shape"),
        ({"inputs": [good(2)[0], *good()[1:]]}, "equally many rows"),
        ({"inputs": [tensor("age", "BYTES", "old"), *good()[1:]]}, "age"),
        ({"inputs": good(), "outputs": [{"name": "magic"}]}, "magic"),
        ({"inputs": good(), "parameters": {"threshold": 7}}, "threshold"),
        ([], "inputs"),
    ],
)
def test_v2_errors(client: httpx.Client, body: Any, word: str) -> None:
    """400 with {"error": text}."""
    reply = client.post(V2, json=body)
    assert reply.status_code == 400
    assert word in reply.json()["error"]


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "shape", "datatype", "data", "columns", "parameters"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=10,
)


@settings(max_examples=120, deadline=None)
@given(inputs=_json, more=_json)
def test_whatever_is_sent_to_other_doors(client: httpx.Client, inputs: Any, more: Any) -> None:
    """Of any shape: never a defect."""
    forms = ("instances", "inputs", "dataframe_split", "dataframe_records")
    for path in (V2, "/v1/models/churn:predict", "/invocations", "/labels"):
        for body in (
            {"inputs": inputs, "outputs": more, "parameters": more},
            {"inputs": [*good()[1:], inputs]},
            {"inputs": [*good()[1:], {"name": "age", **_as_dict(inputs)}]},
            *({form: inputs} for form in forms),
            inputs,
        ):
            reply = client.post(path, content=json.dumps(body), headers=JSON)
            assert reply.status_code in (200, 202, 400, 422)
            assert reply.status_code < 300 or reply.json()["error"]


def _as_dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {"data": value}


def test_tensorflow_serving(client: httpx.Client, bundle: Bundle) -> None:
    """Rows and columns."""
    expected = bundle.predict_row(GOOD)["probability"]
    told = client.post("/v1/models/churn:predict", json={"instances": [GOOD]}).json()
    assert told["predictions"][0]["probability"] == expected
    told = client.post(
        "/v1/models/churn:predict", json={"inputs": {k: [v] for k, v in GOOD.items()}}
    )
    assert told.json()["outputs"][0]["probability"] == expected
    status = client.get("/v1/models/churn").json()["model_version_status"][0]
    assert status["state"] == "AVAILABLE"
    assert client.post("/v1/models/x:predict", json={"instances": [GOOD]}).status_code == 404
    assert client.post("/v1/models/churn:predict", json={}).status_code == 400
    bad = client.post("/v1/models/churn:predict", json={"instances": [{**GOOD, "age": "x"}]})
    assert bad.status_code == 400


def test_invocations(client: httpx.Client) -> None:
    """The forms that scoring servers take."""
    split = {"columns": list(GOOD), "data": [list(GOOD.values())]}
    for body in ({"dataframe_split": split}, {"dataframe_records": [GOOD]}, {"instances": [GOOD]}):
        told = client.post("/invocations", json=body)
        assert told.status_code == 200
        assert told.json()["predictions"][0]["prediction"] == "yes"
    assert client.get("/ping").status_code == 200
    bad = {"dataframe_split": {"columns": ["age"], "data": [[1, 2]]}}
    assert client.post("/invocations", json=bad).status_code == 400


def test_alive_and_ready(client: httpx.Client) -> None:
    """For whoever restarts services."""
    assert client.get("/livez").json() == {"status": "ok"}
    assert client.get("/readyz").json()["status"] == "ready"


def test_metrics_count(client: httpx.Client) -> None:
    """Requests by pattern, rows, odd values by column."""

    def value(line: str) -> float:
        text = client.get("/metrics").text
        return sum(float(x.rsplit(" ", 1)[1]) for x in text.splitlines() if x.startswith(line))

    before = {
        line: value(line)
        for line in (
            "heldout_rows_total",
            'heldout_requests_total{code="200",route="/predict"}',
            'heldout_missing_values_total{column="age"}',
            'heldout_unseen_levels_total{column="plan"}',
            'heldout_out_of_range_total{column="age"}',
            "heldout_unknown_fields_total",
            'heldout_predictions_total{label="yes"}',
        )
    }
    client.post("/predict", json={**GOOD, "age": None})
    client.post("/predict", json={**GOOD, "plan": "platinum", "age": 999, "x": 1})
    grown = {line: value(line) - count for line, count in before.items()}
    assert list(grown.values()) == [2, 2, 1, 1, 1, 1, 2]
    client.get("/some/where/else")
    text = client.get("/metrics").text
    assert "/some/where/else" not in text
    assert 'heldout_request_seconds_bucket{le="+Inf"}' in text
    assert "# TYPE heldout_requests_total counter" in text


def test_openapi_is_made_from_the_schema(client: httpx.Client) -> None:
    """Fields, ranges, levels, classes."""
    told = client.get("/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    record = told["components"]["schemas"]["Record"]
    assert record["required"] == ["age", "plan", "member", "since"]
    assert record["properties"]["plan"]["examples"] == ["basic", "gold"]
    assert "18 to 80" in record["properties"]["age"]["description"]
    assert told["components"]["schemas"]["Answer"]["properties"]["prediction"]["enum"] == [
        "no",
        "yes",
    ]
    text = client.get("/openapi.json").text
    for ref in set(_refs(told)):
        assert ref.rsplit("/", 1)[1] in told["components"]["schemas"]
    assert "nan" not in text.lower().replace("finance", "")


def _refs(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [r for v in value.values() for r in _refs(v)]
    return [r for v in value for r in _refs(v)] if isinstance(value, list) else []


def test_unknown_addresses_and_methods(client: httpx.Client) -> None:
    """JSON, with what there is."""
    reply = client.get("/nothing")
    assert reply.status_code == 404
    assert "/openapi.json" in reply.json()["error"]
    assert reply.json()["code"] == "H611"
    reply = client.get("/predict")
    assert reply.status_code == 405
    assert "GET" in reply.json()["error"]
