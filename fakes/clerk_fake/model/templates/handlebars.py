"""The part of the Handlebars language that Clerk's templates need.

``{{path.to.value}}`` is escaped for HTML, ``{{{path}}}`` is not; ``{{#if path}}``,
``{{#unless path}}``, ``{{#each path}}`` with ``{{this}}``, ``{{else}}``, ``{{> partial}}`` and
``{{! comment}}`` do what they do there. https://handlebarsjs.com/guide/
"""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import orjson

__all__ = ["Program", "TemplateSyntaxError", "parse", "variables_in"]

TAG: Final = re.compile(r"\{\{\{([^{}]*)\}\}\}|\{\{([^{}]*)\}\}")
PATH: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
BLOCK: Final = re.compile(rf"#\s*(if|unless|each)\s+({PATH.pattern})")
PARTIAL: Final = re.compile(r">\s*([A-Za-z_][A-Za-z0-9_]*)")
DEEPEST: Final = 32

Values: TypeAlias = Mapping[str, Any]


class TemplateSyntaxError(Exception):
    """The text is no template."""


@dataclass(frozen=True, slots=True)
class _Text:
    text: str


@dataclass(frozen=True, slots=True)
class _Value:
    path: str
    raw: bool


@dataclass(frozen=True, slots=True)
class _Partial:
    name: str


@dataclass(frozen=True, slots=True)
class _Block:
    kind: str
    path: str
    body: "tuple[_Node, ...]"
    otherwise: "tuple[_Node, ...]"


_Node: TypeAlias = _Text | _Value | _Partial | _Block


@dataclass(frozen=True, slots=True)
class Program:
    """A template that can be rendered.

    Attributes:
        nodes: What it is made of.
    """

    nodes: tuple[_Node, ...]

    def render(self, values: Values, partials: "Mapping[str, Program]", *, escape: bool) -> str:
        """Return the text with ``values`` in it; what has no value is left out.

        Args:
            values: What the paths lead into.
            partials: Name → what stands for it; those that are missing are left out.
            escape: Whether the text is HTML.
        """
        return "".join(_rendered(self.nodes, values, partials, escape))


def parse(text: str) -> Program:
    """Return the program of a template.

    Raises:
        TemplateSyntaxError: It has braces that mean nothing, or blocks that do not end.
    """
    tokens = _tokens(text)
    nodes, end = _parsed(tokens, DEEPEST)
    if end is not None:
        raise TemplateSyntaxError(f"{end} closes nothing")
    return Program(nodes)


def variables_in(program: Program) -> frozenset[str]:
    """Return the paths of all values that a template mentions."""
    return frozenset(_paths(program.nodes))


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield ``text``, ``raw`` or ``tag`` and what is inside."""
    at = 0
    for tag in TAG.finditer(text):
        yield "text", text[at : tag.start()]
        yield ("tag", tag[2].strip()) if tag[1] is None else ("raw", tag[1].strip())
        at = tag.end()
    yield "text", text[at:]


def _parsed(tokens: Iterator[tuple[str, str]], depth: int) -> tuple[tuple[_Node, ...], str | None]:
    """Return the nodes up to the end, an ``else`` or a ``/``, and which of the latter it was."""
    nodes: list[_Node] = []
    for kind, inside in tokens:
        if kind == "text":
            if "{{" in inside or "}}" in inside:
                raise TemplateSyntaxError("braces without a pair")
            nodes.append(_Text(inside))
        elif kind == "tag" and (inside == "else" or inside.startswith("/")):
            return tuple(nodes), inside
        elif not inside.startswith("!"):
            nodes.append(_node(kind, inside, tokens, depth))
    return tuple(nodes), None


def _node(kind: str, inside: str, tokens: Iterator[tuple[str, str]], depth: int) -> _Node:
    if PATH.fullmatch(inside):
        return _Value(inside, raw=kind == "raw")
    partial, block = PARTIAL.fullmatch(inside), BLOCK.fullmatch(inside)
    if kind == "tag" and partial:
        return _Partial(partial[1])
    if kind != "tag" or block is None or not depth:
        raise TemplateSyntaxError(f"{inside} means nothing")
    body, end = _parsed(tokens, depth - 1)
    otherwise: tuple[_Node, ...] = ()
    if end == "else":
        otherwise, end = _parsed(tokens, depth - 1)
    if end is None or end.removeprefix("/").strip() != block[1]:
        raise TemplateSyntaxError(f"{block[1]} does not end")
    return _Block(block[1], block[2], body, otherwise)


def _rendered(
    nodes: tuple[_Node, ...], values: Values, partials: Mapping[str, Program], escape: bool
) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, _Text):
            yield node.text
        elif isinstance(node, _Value):
            text = _text(_value(values, node.path))
            yield html.escape(text) if escape and not node.raw else text
        elif isinstance(node, _Partial):
            if node.name in partials:
                yield from _rendered(partials[node.name].nodes, values, {}, escape)
        else:
            yield from _rendered_block(node, values, partials, escape)


def _rendered_block(
    block: _Block, values: Values, partials: Mapping[str, Program], escape: bool
) -> Iterator[str]:
    value = _value(values, block.path)
    if block.kind == "each":
        rows = value if isinstance(value, list) else []
        for row in rows:
            below = {**values, **(row if isinstance(row, dict) else {}), "this": row}
            yield from _rendered(block.body, below, partials, escape)
        chosen = () if rows else block.otherwise
    else:
        chosen = block.body if bool(value) is (block.kind == "if") else block.otherwise
    yield from _rendered(chosen, values, partials, escape)


def _value(values: Values, path: str) -> Any:
    value: Any = values
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _paths(nodes: tuple[_Node, ...]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, _Value | _Block):
            yield node.path
        if isinstance(node, _Block):
            yield from _paths((*node.body, *node.otherwise))
