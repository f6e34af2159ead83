"""YAML or JSON as plain values, and the line of each of them.

Scalars are read as JSON has them: ``true``, ``null`` and numbers without quotes; everything else is
text, so that ``+15555550100``, ``no`` and ``2024-01-01`` are what they look like.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import orjson

from clerk_fake.seeding.problems import Place, Problem, SeedError

__all__ = ["Document", "read_document"]

MAX_DEPTH: Final = 64
TOO_DEEP: Final = f"this is nested more than {MAX_DEPTH} levels deep"
MAX_VALUES: Final = 1_000_000
MAX_INTEGER: Final = 2**53
INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]{0,30})")
FLOAT: Final = re.compile(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?")
CONSTANTS: Final = {"": None, "~": None, "null": None, "true": True, "false": False}
ESCAPE: Final = re.compile(
    r"\\(?:(/)|u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
"""Every escape of JSON; those that YAML has not are grouped."""

UNHELD: Final = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What stands for itself in JSON, and in YAML breaks lines or must not be there."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a text says.

    Attributes:
        value: Plain: dictionaries with string keys, lists and JSON scalars.
        lines: Where the values are, from 1; entries of a mapping are where their key is.
    """

    value: object
    lines: Mapping[Place, int]

    def line(self, place: Place) -> int:
        """Return where a value is, or would be: the line of what it is in."""
        while place not in self.lines and place:
            place = place[:-1]
        return self.lines.get(place, 1)


def read_document(text: str) -> Document:
    """Read a text; what begins with a brace is JSON, everything else is YAML.

    Raises:
        SeedError: It is neither, or it is more than a seed file needs.
    """
    if text.lstrip().startswith("{"):
        text = _yaml_of_json(text)
    import yaml  # noqa: PLC0415 - only those who seed wait for it

    builder = _Builder()
    try:
        # Events rather than nodes: the composer of libyaml recurses until the process dies.
        for event in yaml.parse(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader)):
            builder.take(type(event).__name__, event)
    except yaml.MarkedYAMLError as malformed:
        mark = malformed.problem_mark or malformed.context_mark
        problem = malformed.problem or malformed.context or ""
        # PyYAML from 6.0.4 on counts levels itself, and before we see the first of them.
        deep = "nesting depth" in problem
        says = TOO_DEEP if deep else f"this cannot be read: {problem}"
        raise SeedError([Problem(1 if mark is None else mark.line + 1, (), says)]) from malformed
    except yaml.YAMLError as malformed:
        says = f"this cannot be read: {' '.join(str(malformed).split())}"
        raise SeedError([Problem(1, (), says)]) from malformed
    return Document(builder.value, builder.lines)


def _yaml_of_json(text: str) -> str:
    """Check JSON, and rewrite the little of it that is no YAML, line for line."""
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError as malformed:
        says = f"this is no JSON: {malformed.msg}"
        raise SeedError([Problem(malformed.lineno, (), says)]) from malformed
    text = ESCAPE.sub(_rewritten, text.replace("\t", " "))  # tabs stand between tokens only
    return UNHELD.sub(lambda found: f"\\u{ord(found[0]):04x}", text)  # these in strings only


def _rewritten(escape: "re.Match[str]") -> str:
    slash, high, low = escape.groups()
    if slash:
        return "/"
    if high:
        return bytes.fromhex(high + low).decode("utf-16-be")
    return escape[0]


@dataclass(slots=True)
class _Open:
    """A mapping or a list that has begun."""

    content: Any
    place: Place
    anchor: str | None
    counted: int
    key: str | None = None
    key_line: int = 1

    @property
    def awaits_key(self) -> bool:
        return isinstance(self.content, dict) and self.key is None


class _Builder:
    """Builds values from the events of a YAML parser."""

    def __init__(self) -> None:
        self.value: object = None
        self.lines: dict[Place, int] = {}
        self._open: list[_Open] = []
        self._anchored: dict[str, tuple[object, int]] = {}
        self._counted = 0
        self._documents = 0

    def take(self, kind: str, event: Any) -> None:
        line = event.start_mark.line + 1
        match kind:
            case "ScalarEvent":
                self._take_scalar(event, line)
            case "AliasEvent":
                self._take_alias(event.anchor, line)
            case "MappingStartEvent":
                self._begin({}, event, line)
            case "SequenceStartEvent":
                self._begin([], event, line)
            case "MappingEndEvent" | "SequenceEndEvent":
                self._end()
            case "DocumentStartEvent":
                self._documents += 1
                if self._documents > 1:
                    self._refuse(line, "a seed file is one document")

    def _take_scalar(self, event: Any, line: int) -> None:
        self._check_tag(event, line)
        if self._open and self._open[-1].awaits_key:
            self._take_key(event.value, line)
            return
        value = event.value if event.style else self._plain(event.value, line)
        self._add(value, line, 1)
        if event.anchor is not None:
            self._anchored[event.anchor] = (value, 1)

    def _take_key(self, key: str, line: int) -> None:
        mapping = self._open[-1]
        if key in mapping.content:
            self._refuse(line, f"{key} is there twice")
        mapping.key, mapping.key_line = key, line

    def _take_alias(self, anchor: str, line: int) -> None:
        if anchor not in self._anchored:
            self._refuse(line, f"there is no &{anchor} before this")
        self._add(*(self._anchored[anchor][0], line, self._anchored[anchor][1]))

    def _begin(self, content: Any, event: Any, line: int) -> None:
        self._check_tag(event, line)
        if len(self._open) >= MAX_DEPTH:
            self._refuse(line, TOO_DEEP)
        place = self._add(content, line, 1)
        self._open.append(_Open(content, place, event.anchor, self._counted - 1))

    def _end(self) -> None:
        ended = self._open.pop()
        if ended.anchor is not None:  # only now: what is inside must not lead back to it
            self._anchored[ended.anchor] = (ended.content, self._counted - ended.counted)

    def _add(self, value: object, line: int, count: int) -> Place:
        self._counted += count
        if self._counted > MAX_VALUES:
            self._refuse(line, f"there are more than {MAX_VALUES} values in this file")
        if not self._open:
            self.value, self.lines[()] = value, line
            return ()
        around = self._open[-1]
        if isinstance(around.content, list):
            place: Place = (*around.place, len(around.content))
            around.content.append(value)
            self.lines[place] = line
            return place
        if around.key is None:
            self._refuse(line, "a name must be text")
        place = (*around.place, around.key)
        around.content[around.key] = value
        self.lines[place] = around.key_line
        around.key = None
        return place

    def _plain(self, text: str, line: int) -> object:
        if text in CONSTANTS:
            return CONSTANTS[text]
        if INTEGER.fullmatch(text):
            number: float = int(text)
        elif FLOAT.fullmatch(text):
            number = float(text)
        else:
            return text
        if abs(number) > MAX_INTEGER:
            self._refuse(line, f"{text} is too large for a number: put it in quotes")
        return number

    def _check_tag(self, event: Any, line: int) -> None:
        if event.tag not in {None, "!"}:
            self._refuse(line, f"tags such as {event.tag} mean nothing here")

    def _refuse(self, line: int, says: str) -> NoReturn:
        place = self._open[-1].place[:2] if self._open else ()
        raise SeedError([Problem(line, place, says)])
