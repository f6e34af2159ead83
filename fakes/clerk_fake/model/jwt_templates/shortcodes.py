"""Shortcodes: ``{{user.id}}`` and the like, replaced by what they stand for.

https://clerk.com/docs/guides/sessions/jwt-templates#shortcodes
"""

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

__all__ = ["Scope", "render"]

Scope = Mapping[str, Any]
"""What the first part of a shortcode may name: ``user``, ``org``, ``session``…"""

PARTS: Final = re.compile(r"'[^']*'|\|\||[^'|]+|.", re.DOTALL)
NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
LITERALS: Final = {"true": True, "false": False, "null": None}


def render(value: Any, scope: Scope) -> Any:
    """Return a template's value with all shortcodes replaced.

    A shortcode that is alone in its string keeps the type of what it stands for; inside other text
    it becomes text. What does not exist is ``null``.
    """
    if isinstance(value, dict):
        return {key: render(below, scope) for key, below in value.items()}
    if isinstance(value, list):
        return [render(below, scope) for below in value]
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("{{") and text.find("}}") == len(text) - 2:
        return _evaluate(text[2:-2], scope)
    return _interpolated(value, scope)


def _interpolated(text: str, scope: Scope) -> str:
    parts = []
    place = 0
    while (start := text.find("{{", place)) >= 0 and (end := text.find("}}", start)) >= 0:
        parts += [text[place:start], _text(_evaluate(text[start + 2 : end], scope))]
        place = end + 2
    return "".join([*parts, text[place:]])


def _evaluate(expression: str, scope: Scope) -> Any:
    """Return the first operand that is neither ``null`` nor ``false``, else the last one."""
    value = None
    for operand in _operands(expression):
        value = _operand(operand, scope)
        if value is not None and value is not False:
            return value
    return value


def _operands(expression: str) -> list[str]:
    operands = [""]
    for part in PARTS.findall(expression):
        if part == "||":
            operands.append("")
        else:
            operands[-1] += part
    return [operand.strip() for operand in operands]


def _operand(operand: str, scope: Scope) -> Any:
    if len(operand) > 1 and operand[0] == operand[-1] == "'":
        return operand[1:-1]
    if operand in LITERALS:
        return LITERALS[operand]
    if NUMBER.fullmatch(operand):
        return float(operand) if "." in operand else int(operand)
    value: Any = scope
    for step in operand.split("."):
        if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return dict(value) if isinstance(value, Mapping) else value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
