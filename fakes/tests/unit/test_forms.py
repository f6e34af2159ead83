"""A form says by its type hints what may come in."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest

from clerk_fake.errors import ApiError
from clerk_fake.http.fields import Fields
from clerk_fake.http.forms import read_form
from clerk_fake.jsontypes import Between, Instant, JsonObject, Length
from clerk_fake.model.unset import UNSET, Unset


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    size: int = 1


@dataclass(frozen=True, slots=True)
class Form:
    name: str
    note: str | None = None
    active: bool = True
    count: Annotated[int, Between(1, 9)] | None = None
    share: float = 0.5
    colour: Colour = Colour.RED
    mode: Literal["a", "b"] | Unset = UNSET
    title: str | Unset | None = UNSET
    at: Instant | None = None
    metadata: JsonObject = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    codes: Annotated[tuple[str, ...], Length(1, 2)] | None = None
    part: Part | None = None
    parts: tuple[Part, ...] = ()
    pin: Annotated[str, Length(2, 4)] | None = None
    any: Any = None


def _refusal(document: dict[str, object]) -> tuple[str, object]:
    with pytest.raises(ApiError) as refusal:
        read_form(Form, Fields({"name": "x", **document}))
    assert refusal.value.status == 422
    (complaint,) = refusal.value.complaints
    return complaint.code, complaint.meta.get("param_name")


def test_what_is_left_out_has_its_default() -> None:
    assert read_form(Form, Fields({"name": "x"})) == Form("x")


def test_everything_is_read_as_its_hint_says() -> None:
    document = {
        "name": "x",
        "note": "n",
        "active": False,
        "count": 9,
        "share": 1,
        "colour": "blue",
        "mode": "b",
        "title": "t",
        "at": "1970-01-01T00:00:01Z",
        "metadata": {"a": [1]},
        "tags": ["q", "r"],
        "codes": ["c"],
        "part": {"name": "p"},
        "parts": [{"name": "p", "size": 2}],
        "pin": "123",
        "any": [{"deep": None}],
    }

    assert read_form(Form, Fields(document)) == Form(
        name="x",
        note="n",
        active=False,
        count=9,
        share=1.0,
        colour=Colour.BLUE,
        mode="b",
        title="t",
        at=Instant(1000),
        metadata={"a": [1]},
        tags=("q", "r"),
        codes=("c",),
        part=Part("p"),
        parts=(Part("p", 2),),
        pin="123",
        any=[{"deep": None}],
    )


def test_null_clears_what_may_be_null_and_leaves_the_rest() -> None:
    document = dict.fromkeys(("note", "active", "count", "mode", "title", "tags", "part"))

    form = read_form(Form, Fields({"name": "x", **document}))

    assert form == Form("x", title=None)
    assert form.mode is UNSET


@pytest.mark.parametrize("document", [{}, {"name": None}, {"name": ""}])
def test_what_is_required_must_be_there(document: dict[str, object]) -> None:
    with pytest.raises(ApiError) as refusal:
        read_form(Form, Fields(document))
    assert refusal.value.complaints[0].code == "form_param_missing"


@pytest.mark.parametrize(
    ("document", "code", "name"),
    [
        ({"other": 1}, "form_param_unknown", "other"),
        ({"note": 1}, "form_param_format_invalid", "note"),
        ({"active": "yes"}, "form_param_format_invalid", "active"),
        ({"count": 0}, "form_param_value_invalid", "count"),
        ({"count": 10}, "form_param_value_invalid", "count"),
        ({"count": True}, "form_param_format_invalid", "count"),
        ({"count": 1.5}, "form_param_format_invalid", "count"),
        ({"share": "much"}, "form_param_format_invalid", "share"),
        ({"colour": "green"}, "form_param_value_invalid", "colour"),
        ({"mode": "c"}, "form_param_value_invalid", "mode"),
        ({"at": "yesterday"}, "form_param_format_invalid", "at"),
        ({"metadata": [1]}, "form_param_format_invalid", "metadata"),
        ({"metadata": {"a": "\0"}}, "form_param_format_invalid", "metadata"),
        ({"tags": "q"}, "form_param_format_invalid", "tags"),
        ({"tags": [1]}, "form_param_format_invalid", "tags"),
        ({"codes": []}, "form_param_value_invalid", "codes"),
        ({"codes": ["a", "b", "c"]}, "form_param_value_invalid", "codes"),
        ({"part": {}}, "form_param_missing", "name"),
        ({"part": "p"}, "form_param_format_invalid", "part"),
        ({"parts": [{"name": "p", "other": 1}]}, "form_param_unknown", "other"),
        ({"parts": ["p"]}, "form_param_format_invalid", "parts"),
        ({"pin": "1"}, "form_param_min_length_not_met", "pin"),
        ({"pin": "12345"}, "form_param_max_length_exceeded", "pin"),
        ({"any": "\0"}, "form_param_format_invalid", "any"),
    ],
)
def test_what_does_not_fit_is_named(document: dict[str, object], code: str, name: str) -> None:
    assert _refusal(document) == (code, name)
