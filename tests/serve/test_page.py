"""The page: a form made from the schema, with and without script."""

from __future__ import annotations

import html.parser
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from heldout.bundle import Bundle, load
from heldout.bundle.write import write
from small_bundles import BINARY, SCHEMA, content
from small_services import GOOD, asking

FORM = {"content-type": "application/x-www-form-urlencoded"}
EVIL = '"><script>alert(1)</script>'


class Page(html.parser.HTMLParser):
    """Tags with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.tags.append((tag, dict(attrs)))

    def all(self, *names: str) -> list[dict[str, str | None]]:
        """The attributes of tags of these names."""
        return [a for t, a in self.tags if t in names]


def test_every_control_has_a_label_and_nothing_is_fetched_from_elsewhere(
    client: httpx.Client,
) -> None:
    """One field per input; links stay on this server."""
    text = client.get("/").text
    page = Page(text)
    controls = page.all("input", "select", "textarea")
    chosen = [a["value"] for a in page.all("option") if "selected" in a]
    assert chosen == ["basic", "yes"]  # the commonest
    assert [c["name"] for c in controls] == ["in:age", "in:plan", "in:member", "in:since"]
    labels = {a["for"] for a in page.all("label")}
    assert {c["id"] for c in controls} == labels
    for tag in page.all("script", "link", "img", "a", "form"):
        for place in (tag.get("src"), tag.get("href"), tag.get("action")):
            assert place is None or place.startswith(("/", "#", "data:,"))
            assert place is None or not place.startswith("//")
    assert page.all("html")[0]["lang"] == "en"
    assert client.get("/page.css").headers["content-type"].startswith("text/css")
    assert client.get("/page.js").headers["content-type"].startswith("text/javascript")
    assert "0.845, 95 % interval 0.822 to 0.866, baseline 0.500, rows 1,409" in text


@pytest.mark.requirement("DEPLOY-03")
def test_without_script_the_form_is_sent_as_a_form(client: httpx.Client, bundle: Bundle) -> None:
    """The same answer in words; what was given stays in the fields."""
    sent = {f"in:{k}": str(v) for k, v in GOOD.items()}
    reply = client.post("/", data=sent)
    assert reply.status_code == 200
    p = bundle.predict_row(GOOD)["probability"]["yes"]
    assert "left: <strong>yes</strong>" in reply.text
    assert f"{100 * p:.1f} %" in reply.text
    assert 'value="44"' in reply.text
    assert client.post("/", data={"in:age": ""}).status_code == 200  # everything missing


def test_a_field_that_cannot_be_read_is_marked(client: httpx.Client) -> None:
    """In words, beside the field; nothing that was typed is lost."""
    reply = client.post("/", data={"in:age": EVIL, "in:plan": EVIL})
    assert reply.status_code == 422
    assert "No answer: 1 field cannot be read" in reply.text
    assert 'aria-invalid="true"' in reply.text
    assert "<script>alert" not in reply.text
    assert client.post("/", json={}).status_code == 415


def test_names_and_levels_are_escaped(tmp_path: Path) -> None:
    """Whatever a column is called."""
    age = replace(SCHEMA["age"], name="age")
    plan = replace(SCHEMA["plan"], levels=("basic", "gold", EVIL))
    schema = SCHEMA.update({"age": age, "plan": plan})
    task = replace(BINARY, target=EVIL, unit=EVIL, positive=EVIL, classes=("no", EVIL))
    path = tmp_path / "churn.heldout"
    made = content()
    reference = {**made.reference, "columns": {}}
    write(path, replace(made, schema=schema, task=task.as_dict(), reference=reference))
    with asking(load(path)) as client:
        text = client.get("/").text
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text
        answered = client.post("/", data={f"in:{k}": str(v) for k, v in GOOD.items()}).text
        assert "<script>alert" not in answered
        assert EVIL in client.get("/openapi.json").json()["info"]["title"]
