"""The smallest body that a schema allows."""

from typing import Any

__all__ = ["smallest"]


def smallest(schema: dict[str, Any]) -> Any:
    """Return a value with what is required and nothing else."""
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: smallest(properties[name]) for name in schema.get("required", ())}
    if kind == "array":
        return [smallest(schema["items"])]
    return {"string": "text", "integer": 1, "number": 1, "boolean": True}[kind]
