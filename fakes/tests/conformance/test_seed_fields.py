"""The fields of seed files, as documented, are those that Clerk describes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from judging.operations import Operations

from clerk_fake.seeding.sections import SECTIONS, Section

PAGE = Path(__file__).parents[3] / "docs" / "seed.md"
ROW = re.compile(r"^\| `(\S+)` \| (.*) \|$", re.MULTILINE)


def _type(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        choices = (str(choice).lower() for choice in schema["enum"] if choice is not None)
        return " or ".join(f"`{choice}`" for choice in choices)
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    names = {"string": "text", "object": "mapping", "boolean": "truth value"}
    return names.get(schema.get("type", ""), schema.get("type", "anything"))


def _fields(section: Section, operations: Operations) -> str:
    """Return the fields of a section in one line: name, star if it must be there, type."""
    operation = section.operation
    described = operations.find(operation.method, operation.path.removeprefix("/v1"))
    assert described is not None, section.name
    (schema,) = described.body.values()
    required = schema.get("required", ())
    fields = []
    for param, wanted in schema["properties"].items():
        if param == section.owner:
            continue
        star = "*" if param in required else ""
        how_many = "list" if wanted.get("type") == "array" else "one"
        referring = [
            f"`{name}`{star} {how_many} of `{ref.section}`"
            for name, ref in section.refs.items()
            if ref.param == param
        ]
        fields.append(" or ".join(referring) or f"`{param}`{star} {_type(wanted)}")
    return ", ".join(fields)


def _rows(
    sections: tuple[Section, ...], operations: Operations, around: str = ""
) -> Iterator[tuple[str, str]]:
    for section in sections:
        if section.operation.path.startswith("/v1") and section.offered:
            yield f"{around}{section.name}", _fields(section, operations)
        yield from _rows(section.children, operations, f"{around}{section.name}[].")


def test_the_documented_fields_are_those_that_clerk_describes(operations: Operations) -> None:
    documented = dict(ROW.findall(PAGE.read_text("utf-8").split("## Fields")[1]))

    for name, fields in _rows(SECTIONS, operations):
        assert documented[name] == fields, name
