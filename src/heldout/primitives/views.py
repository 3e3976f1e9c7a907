"""Which primitives each view uses (joints 2): made from schema and task, before any fold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from heldout.core.errors import HeldoutError
from heldout.primitives.recipe import PrimitiveRef, RecipeSpec, Step
from heldout.tables.schema import Column, Schema
from heldout.tasks.task import Task

TREE_LEVELS = 254  # with missing and other 256 codes: what a node of LightGBM's can split on
LINEAR_LEVELS = 50
MANY_CLASSES = 12  # above it target means would make a column for each class: shares of little
LIMIT = 8.0
MOST_BENT = 100  # numbers: wider tables would double a width that is large already
MOST_TERMS = {"classes": 1500, "values": 500}  # least squares take the cube of them
MOST_USED_TERMS = 150  # by trees and networks: those that say something about the target


def make_spec(view: str, schema: Schema, task: Task) -> RecipeSpec:
    """The recipe of a view ("trees", "linear", "net", "image") for the input columns of ``schema``.

    Raises H220 where no column is left that a model could use.
    """
    steps = {**VIEWS, **WHOLE}[view](schema, task)
    if not steps:
        kinds = sorted({column.kind for column in schema.inputs})
        raise HeldoutError(
            "H220",
            "no column is left to learn from",
            seen=f"input columns of kind: {', '.join(kinds) or 'none'}",
            why="a model needs at least one number, category, boolean, date, text or picture",
            do=["keep a column that was set aside with --keep, or give its kind with --type"],
        )
    return RecipeSpec(view, tuple(steps))


def _trees(schema: Schema, task: Task) -> list[Step]:
    """Numbers as they are, missing included; categories as codes; parts of dates."""
    categories = _of(schema, "category")
    many = [c for c in categories if c.distinct > TREE_LEVELS]
    return [
        *_step(_of(schema, "number", "boolean"), _ref("number")),
        *_step(_of(schema, "date"), _ref("date_parts")),
        *_step(categories, _ref("ordinal", max_levels=TREE_LEVELS)),
        *_target_mean(many, task),
        *_step(many, _ref("frequency")),
        *_words(schema, task),
        *_step(_of(schema, "image"), _ref("thumbnail")),
    ]


def _linear(schema: Schema, task: Task) -> list[Step]:
    """Everything a number around 0 and without gaps; one column for each level.

    Numbers come twice, straight and bent: measured on 18 tables, straight ones alone lose up to
    0.13 of R2 (concrete) and bent ones alone lose exact sums; both together lose nothing beyond noise.
    """
    numbers = _of(schema, "number")
    bent = [c for c in numbers if c.distinct == 0 or c.distinct > 2]
    categories = _of(schema, "category")
    few = [c for c in categories if c.distinct <= LINEAR_LEVELS]
    many = [c for c in categories if c.distinct > LINEAR_LEVELS]
    steps = [
        *_scaled_numbers(schema, *_scaling()),
        *_bent(bent if len(numbers) <= MOST_BENT else []),
        *_step(few, _ref("one_hot", drop="binary")),
        *_target_mean(many, task, *_scaling()),
        *_step(many, _ref("frequency"), *_scaling()),
        *_all_words(schema, task),
        *_step(_of(schema, "image"), _ref("thumbnail"), *_scaling()),
    ]
    if many and max(task_classes(task), len(task.parts)) > MANY_CLASSES:
        steps += _step(many, _ref("one_hot", max_levels=LINEAR_LEVELS))
    return steps


def _net(schema: Schema, task: Task) -> list[Step]:
    """Numbers as for linear models, categories as codes for embeddings."""
    scaling = _ref("robust_scale"), _ref("smooth_clip")
    pictures = _step(_of(schema, "image"), _ref("thumbnail"), *_scaling())
    numbers = [*_scaled_numbers(schema, *scaling), *_words(schema, task, *scaling), *pictures]
    categories = _of(schema, "category")
    if not numbers:
        numbers = _step(categories, _ref("one_hot", max_levels=LINEAR_LEVELS))
    levels = [list(c.levels) for c in categories]
    fixed = {"levels": levels} if all(levels) else {}
    return [*numbers, *_step(categories, _ref("codes", **fixed), part="codes")]


def _image(schema: Schema, _task: Task) -> list[Step]:
    """Pictures alone, as they are."""
    return _step(_of(schema, "image"), _ref("pixels"), part="image")


VIEWS: dict[str, Callable[[Schema, Task], list[Step]]] = {
    "trees": _trees,
    "linear": _linear,
    "net": _net,
}
"""Every kind of column is of use in these: a picture enters as a thumbnail."""
WHOLE: dict[str, Callable[[Schema, Task], list[Step]]] = {"image": _image}
"""Views of one kind of column, looked at whole."""


def task_classes(task: Task) -> int:
    """Classes of the task, 0 where numbers are predicted."""
    return len(task.classes)


def _of(schema: Schema, *kinds: str) -> list[Column]:
    return [column for column in schema.inputs if column.kind in kinds]


def _ref(name: str, **settings: Any) -> PrimitiveRef:
    return PrimitiveRef(name, 1, settings)


def _step(columns: Sequence[Column], *chain: PrimitiveRef, part: str = "x") -> list[Step]:
    """A step, or none where there is no such column."""
    return [Step(part, tuple(c.name for c in columns), chain)] if columns else []


def _scaling() -> tuple[PrimitiveRef, ...]:
    return (_ref("standardize"), _ref("clip", limit=LIMIT))


def _scaled_numbers(schema: Schema, *scaling: PrimitiveRef) -> list[Step]:
    """Numbers, booleans and dates, filled and scaled; dates also as cycles, whose centre says
    that a date is missing."""
    dates = _of(schema, "date")
    number, parts = _ref("number"), _ref("date_parts")
    fill, only_fill = _ref("median_fill"), _ref("median_fill", indicator=False)
    return [
        *_step(_of(schema, "number", "boolean"), number, fill, *scaling),
        *_step(dates, parts, only_fill, *scaling),
        *_step(dates, _ref("date_cycles")),
    ]


def _bent(columns: Sequence[Column]) -> list[Step]:
    """Filled and scaled like the straight ones, so that the graph works both out once."""
    fill = _ref("median_fill", indicator=False)
    bend = _ref("smooth_clip", suffix=" bent")
    return _step(columns, _ref("number"), fill, _ref("standardize"), bend)


def _words(schema: Schema, task: Task, *scaling: PrimitiveRef) -> list[Step]:
    """The words of texts that say something about the target, and how many there are."""
    useful = _ref("select", classes=task_classes(task), max_features=MOST_USED_TERMS)
    texts = _of(schema, "text")
    terms = _ref("tfidf", max_terms=MOST_TERMS["values"])
    return [*_step(texts, terms, useful), *_step(texts, _ref("word_count"), *scaling)]


def _all_words(schema: Schema, task: Task) -> list[Step]:
    """Every word that is not rare: linear models hold the useless ones back themselves."""
    texts = _of(schema, "text")
    return [*_step(texts, _terms(task)), *_step(texts, _ref("word_count"), *_scaling())]


def _terms(task: Task) -> PrimitiveRef:
    return _ref("tfidf", max_terms=MOST_TERMS["classes" if task.is_likely else "values"])


def _target_mean(columns: Sequence[Column], task: Task, *after: PrimitiveRef) -> list[Step]:
    """The target's mean by level, unless there are too many classes."""
    classes = task_classes(task)
    if max(classes, len(task.parts)) > MANY_CLASSES:
        return []
    return _step(columns, _ref("target_mean", classes=classes), *after)
