import json
from typing import Any

import pytest
import yaml
from generated import JSON
from hypothesis import example, given
from hypothesis import strategies as st

from clerk_fake.seeding.document import read_document
from clerk_fake.seeding.problems import SeedError

OBJECTS = st.dictionaries(st.text(max_size=5), JSON, max_size=4)
PRINTABLE = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffe\uffff")


@given(value=OBJECTS, ascii_only=st.booleans(), indent=st.sampled_from([None, 2, "\t"]))
@example(value={"\x85": "a\u2028b\u2029 \x7f\ufeff\uffff\\"}, ascii_only=False, indent=None)
def test_json_is_read_as_json(value: dict[str, Any], *, ascii_only: bool, indent: Any) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)

    assert read_document(text).value == value


@given(value=st.dictionaries(st.text(PRINTABLE, max_size=5), st.text(PRINTABLE, max_size=9)))
def test_text_in_quotes_stays_text(value: dict[str, str]) -> None:
    text = yaml.safe_dump(value, default_style='"', allow_unicode=True)

    assert (read_document(text).value or {}) == value


@pytest.mark.parametrize(
    ("plain", "value"),
    [
        ("+15555550100", "+15555550100"), ("no", "no"), ("2025-12-09", "2025-12-09"),
        ("0123", "0123"), ("0x1F", "0x1F"), ("1_000", "1_000"), ("12:30", "12:30"),
        (".inf", ".inf"), ("=", "="), ("user@example.com", "user@example.com"),
        ("true", True), ("false", False), ("null", None), ("~", None), ("", None),
        ("7", 7), ("-7", -7), ("1.5", 1.5), ("1e3", 1000.0), ('"7"', "7"), ("'true'", "true"),
    ],
)  # fmt: skip
def test_scalars_are_what_they_look_like(plain: str, value: object) -> None:
    assert read_document(f"a: {plain}").value == {"a": value}


def test_every_value_has_the_line_of_its_name() -> None:
    document = read_document("a:\n  - b: 1\n    c:\n      d\n  -\n    e: [1,\n      2]\n")

    assert document.line(("a", 0, "b")) == 2
    assert document.line(("a", 0, "c")) == 3
    assert document.line(("a", 1, "e", 1)) == 7
    assert document.line(("a", 0, "missing", "deeper")) == 2
    assert document.line(("nowhere",)) == 1


def test_an_anchor_is_used_again() -> None:
    assert read_document("a: &plan {x: [1]}\nb: *plan").value == {"a": {"x": [1]}, "b": {"x": [1]}}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\na: 2", 2, "a is there twice"),
        ('{"a": 1,\n"a": 2}', 2, "a is there twice"),
        ("a: 1\nb: *c", 2, "there is no &c"),
        ("a: &x [1, *x]", 1, "there is no &x"),
        ("a: 1\n[1]: 2", 2, "a name must be text"),
        ("a: !!int 7", 1, "tags"),
        ("a: !secret x", 1, "tags"),
        ("a: 1\n---\nb: 2", 2, "one document"),
        ("\n\na: 'x", 3, "cannot be read"),
        ('{"a": 1,\n "b": }', 2, "no JSON"),
        ("a: 99999999999999999999", 1, "quotes"),
        ("a: \x07", 1, "cannot be read"),
        ("[" * 100_000, 1, "levels deep"),
        ("{" * 100_000, 1, "no JSON"),
        ("a:\n" + "".join("  " * n + "- a:\n" for n in range(1, 100)), 33, "levels deep"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(SeedError) as refused:
        read_document(text)

    (problem,) = refused.value.problems
    assert says in problem.says
    assert problem.line == line


def test_a_few_lines_cannot_stand_for_millions_of_values() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]

    with pytest.raises(SeedError, match="more than 1000000 values"):
        read_document("\n".join(lines))
