"""Read a target file, and fill in what is known only when the service is started."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from clerk_harness.errors import ConfigurationError
from clerk_harness.target.contract import TargetSpec

__all__ = ["fill", "fill_text", "read_target"]

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_FILLED_LATER = frozenset({"clerk_id"})

M = TypeVar("M", bound=BaseModel)


def read_target(path: Path) -> TargetSpec:
    """Read and check a target file (TOML; every key is described in ``docs/targets.md``).

    Raises:
        ConfigurationError: It cannot be read, is not TOML, or breaks the contract; the error
            names the file and the key.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as problem:
        raise ConfigurationError(
            f"target file {path} cannot be read ({problem.strerror})",
            "give the path of a readable TOML file; docs/targets.md shows one",
        ) from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigurationError(
            f"target file {path} is not TOML ({problem})", "correct that line"
        ) from problem
    try:
        return TargetSpec.model_validate({**table, "folder": path.resolve().parent})
    except ValidationError as problem:
        first = problem.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "(top level)"
        raise ConfigurationError(
            f"target file {path}, key {key}: {first['msg']}", "docs/targets.md lists every key"
        ) from problem


def fill(spec: M, values: Mapping[str, str]) -> M:
    """Replace ``{name}`` by its value in every text of a specification.

    Raises:
        ConfigurationError: A name is not known; the error lists the known ones.
    """
    return type(spec).model_validate(_filled(spec.model_dump(), values))


def fill_text(text: str, values: Mapping[str, str]) -> str:
    """Replace ``{name}`` by its value in one text.

    Raises:
        ConfigurationError: A name is not known.
    """
    return _PLACEHOLDER.sub(lambda match: _value(match, values), text)


def _filled(node: Any, values: Mapping[str, str]) -> Any:
    if isinstance(node, str):
        return fill_text(node, values)
    if isinstance(node, dict):
        return {key: _filled(value, values) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_filled(value, values) for value in node]
    return node


def _value(match: re.Match[str], values: Mapping[str, str]) -> str:
    name = match[1]
    if name in _FILLED_LATER:
        return match[0]
    if name not in values:
        raise ConfigurationError(
            f"placeholder {{{name}}} in the target file is not known",
            f"use one of {', '.join(sorted({*values, *_FILLED_LATER}))}",
        )
    return values[name]
