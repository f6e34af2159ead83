"""Schemas as Clerk writes them (OpenAPI 3.0), made into ones that a validator takes.

Two things are stricter than the letter, one is looser:
an object whose properties are listed may have no others, because a fake must not invent fields;
a discriminator decides which alternative holds;
and an object that is put together by ``allOf`` knows the properties of all its parts, although
Clerk closes each part.
"""

from collections.abc import Iterator
from typing import Any, Final

from jsonschema_rs import Draft202012Validator, Registry

__all__ = ["Schemas"]

KEPT: Final = (
    "type", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems",
    "maxItems", "uniqueItems", "minProperties", "maxProperties", "required",
)  # fmt: skip
BOUNDS: Final = {"int32": 2**31, "int64": 2**63}
FORMATS: Final = frozenset({"date", "date-time", "email"})
HERE: Final = "urn:clerk"


class Schemas:
    """The schemas of one description.

    Args:
        description: The whole of it, as loaded.
    """

    def __init__(self, description: dict[str, Any]) -> None:
        self._named: dict[str, Any] = description["components"]["schemas"]
        document = {
            "closed": {name: self._made(schema) for name, schema in self._named.items()},
            "open": {name: self._made(schema, opened=True) for name, schema in self._named.items()},
        }
        self._registry = Registry([(HERE, document)])
        self._validators: dict[int, tuple[Any, Draft202012Validator]] = {}

    def faults(self, schema: dict[str, Any], value: object) -> Iterator[str]:
        """Yield a sentence for each place where a value breaks a schema."""
        for error in self._validator(schema).iter_errors(value):
            where = "/".join(map(str, error.instance_path)) or "the whole"
            yield f"{where}: {error.message[:300]}"

    def _validator(self, schema: dict[str, Any]) -> Draft202012Validator:
        known = self._validators.get(id(schema))
        if known is None:
            made = Draft202012Validator(
                self._made(schema), registry=self._registry, validate_formats=True
            )
            known = self._validators[id(schema)] = (schema, made)  # keeps the schema, so the id
        return known[1]

    def _made(self, schema: dict[str, Any], *, opened: bool = False) -> dict[str, Any]:
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            made: dict[str, Any] = {"$ref": f"{HERE}#/{'open' if opened else 'closed'}/{name}"}
        else:
            made = self._made_of_keywords(schema)
            if not opened and self._is_closed(schema):
                made["unevaluatedProperties"] = False
        if not schema.get("nullable"):
            return made
        if "enum" in made:
            made["enum"] = [*made["enum"], None]
        return {"if": {"type": "null"}, "else": made}

    def _made_of_keywords(self, schema: dict[str, Any]) -> dict[str, Any]:
        made = {keyword: schema[keyword] for keyword in KEPT if keyword in schema}
        format_ = schema.get("format")
        if format_ in FORMATS:
            made["format"] = format_
        elif format_ in BOUNDS:
            made = {"minimum": -BOUNDS[format_], "maximum": BOUNDS[format_] - 1, **made}
        if "properties" in schema:
            # Some schemas require what they do not describe: that is known, too.
            undescribed: dict[str, Any] = {key: {} for key in schema.get("required", ())}
            made["properties"] = undescribed | {
                name: self._made(below) for name, below in schema["properties"].items()
            }
        if isinstance(schema.get("additionalProperties"), dict):
            made["additionalProperties"] = self._made(schema["additionalProperties"])
        if "items" in schema:
            made["items"] = self._made(schema["items"])
        if "allOf" in schema:
            made["allOf"] = [self._made(part, opened=True) for part in schema["allOf"]]
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                made |= self._made_of_choices(keyword, schema)
        return made

    def _made_of_choices(self, keyword: str, schema: dict[str, Any]) -> dict[str, Any]:
        opened = "properties" in schema
        choices = [self._made(choice, opened=opened) for choice in schema[keyword]]
        decider = schema.get("discriminator", {}).get("propertyName")
        if decider is None or opened:
            return {keyword: choices}
        cases = [
            (self._resolved(choice)["properties"][decider]["enum"], made)
            for choice, made in zip(schema[keyword], choices, strict=True)
        ]
        values = [value for enum, _ in cases for value in enum]
        whens: list[dict[str, Any]] = [
            {"if": {"properties": {decider: {"enum": enum}}}, "then": made} for enum, made in cases
        ]
        known = {"required": [decider], "properties": {decider: {"enum": values}}}
        return {"allOf": [{"if": {"type": "object"}, "then": known}, *whens]}

    def _is_closed(self, schema: dict[str, Any]) -> bool:
        schema = self._resolved(schema)
        if schema.get("additionalProperties", False) is not False:
            return False
        return bool(schema.get("properties")) or any(map(self._is_closed, schema.get("allOf", ())))

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self._named[schema["$ref"].rsplit("/", 1)[1]]
        return schema
