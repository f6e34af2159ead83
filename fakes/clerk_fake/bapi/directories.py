"""``/v1/scim_directories`` and ``/v1/directories``: one thing under its old and its new name."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.errors import ApiError
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.jsontypes import Between, JsonObject, Length
from clerk_fake.model.directories.commands import (
    DirectoryChange,
    NewDirectory,
    change_directory,
    create_directory,
    delete_directory,
    rotate_directory_key,
)
from clerk_fake.model.directories.entity import DIRECTORIES, Directory
from clerk_fake.model.directories.mappings import (
    GroupRoleMapping,
    WantedMapping,
    add_mapping,
    delete_mapping,
    mapping_resource,
    mappings_of,
    replace_mappings,
)

__all__ = ["ROUTES"]

MOST_MAPPINGS: Final = 500
Precedence = Annotated[int, Between(1, 10_000)]


@dataclass(frozen=True, slots=True)
class _MappingForm:
    """A mapping; old and new names mean the same, and must say the same."""

    role_id: str
    scim_group_id: str | None = None
    directory_group_id: str | None = None
    scim_group_display_name: Annotated[str, Length(0, 255)] | None = None
    directory_group_display_name: Annotated[str, Length(0, 255)] | None = None
    precedence: Precedence | None = None

    def wanted(self) -> WantedMapping:
        """Return what is asked for.

        Raises:
            ApiError: 422, two names say different things, or no group is named.
        """
        names = (self.scim_group_display_name, self.directory_group_display_name)
        group_id = _either("group_id", self.scim_group_id, self.directory_group_id)
        if not group_id:
            raise ApiError.missing_param("scim_group_id")
        return WantedMapping(
            group_id=group_id,
            role_id=self.role_id,
            group_name=_either("group_display_name", *names) or "",
            precedence=self.precedence,
        )


@dataclass(frozen=True, slots=True)
class _DirectoryForm:
    enterprise_connection_id: str
    provider: Annotated[str, Length(1, 255)]
    name: Annotated[str, Length(1, 255)] = "Directory"
    group_role_mappings: Annotated[tuple[_MappingForm, ...], Length(0, MOST_MAPPINGS)] = field(
        default_factory=tuple
    )


@dataclass(frozen=True, slots=True)
class _MappingsForm:
    mappings: Annotated[tuple[_MappingForm, ...], Length(0, MOST_MAPPINGS)]


def _either(name: str, old: str | None, new: str | None) -> str | None:
    if old is not None and new is not None and old != new:
        raise ApiError.value_conflict(f"directory_{name}", f"scim_{name}")
    return new if old is None else old


@dataclass(frozen=True, slots=True)
class _Face:
    """One of the two names.

    Attributes:
        noun: ``scim_directory`` or ``directory``.
        path: Of the collection.
    """

    noun: str
    path: str

    def routes(self) -> Iterator[BapiRoute]:
        """Yield the ten operations."""
        one = f"{self.path}/{{directory_id}}"
        mappings = f"{one}/group_role_mappings"
        yield Route("GET", self.path, self._list)
        yield Route("POST", self.path, self._create)
        yield Route("GET", one, lambda call: self._write(call, self._called(call)))
        yield Route("PATCH", one, self._update)
        yield Route("DELETE", one, self._delete)
        yield Route("POST", f"{one}/rotate_api_key", self._rotate)
        yield Route("GET", mappings, self._list_mappings)
        yield Route("POST", mappings, self._add_mapping)
        yield Route("PUT", mappings, self._replace_mappings)
        yield Route("DELETE", f"{mappings}/{{mapping_id}}", self._delete_mapping)

    def _list(self, call: Call) -> Response:
        table = DIRECTORIES.table(call.instance)
        shown = call.request.query().page().cut(table.newest_first())
        rows = [self._resource(call, directory) for directory in shown]
        return json_response({"data": rows, "total_count": len(table)})

    def _create(self, call: Call) -> Response:
        form = read_form(_DirectoryForm, call.request.fields())
        wanted = NewDirectory(
            enterprise_connection_id=form.enterprise_connection_id,
            provider=form.provider,
            name=form.name,
            mappings=[each.wanted() for each in form.group_role_mappings],
        )
        directory = create_directory(call.instance, wanted, call.origin)
        return self._write(call, directory, api_key=directory.api_key)

    def _update(self, call: Call) -> Response:
        directory = self._called(call)
        change = read_form(DirectoryChange, call.request.fields())
        return self._write(call, change_directory(call.instance, directory, change, call.origin))

    def _delete(self, call: Call) -> Response:
        directory = self._called(call)
        delete_directory(call.instance, directory, call.origin)
        return json_response({"object": self.noun, "id": directory.id, "deleted": True})

    def _rotate(self, call: Call) -> Response:
        directory = rotate_directory_key(call.instance, self._called(call), call.origin)
        return self._write(call, directory, api_key=directory.api_key)

    def _list_mappings(self, call: Call) -> Response:
        return self._write_mappings(call, mappings_of(call.instance, self._called(call)))

    def _add_mapping(self, call: Call) -> Response:
        directory = self._called(call)
        wanted = read_form(_MappingForm, call.request.fields()).wanted()
        return json_response(
            self._mapping_resource(call, add_mapping(call.instance, directory, wanted))
        )

    def _replace_mappings(self, call: Call) -> Response:
        directory = self._called(call)
        fields = call.request.fields()
        if not fields.has("mappings"):
            raise ApiError.missing_param("mappings")
        wanted = [each.wanted() for each in read_form(_MappingsForm, fields).mappings]
        return self._write_mappings(call, replace_mappings(call.instance, directory, wanted))

    def _delete_mapping(self, call: Call) -> Response:
        directory = self._called(call)
        mapping = delete_mapping(call.instance, directory, call.param("mapping_id"))
        name = f"{self.noun.removesuffix('_directory')}_group_role_mapping"
        return json_response({"object": name, "id": mapping.id, "deleted": True})

    def _called(self, call: Call) -> Directory:
        return DIRECTORIES.require(call.instance, call.param("directory_id"))

    def _write(self, call: Call, directory: Directory, **more: Any) -> Response:
        return json_response({**self._resource(call, directory), **more})

    def _write_mappings(self, call: Call, mappings: list[GroupRoleMapping]) -> Response:
        rows = [self._mapping_resource(call, mapping) for mapping in mappings]
        return json_response({"data": rows, "total_count": len(rows)})

    def _resource(self, call: Call, directory: Directory) -> JsonObject:
        return {**DIRECTORIES.resource(call.instance, directory), "object": self.noun}

    def _mapping_resource(self, call: Call, mapping: GroupRoleMapping) -> JsonObject:
        name = f"{self.noun.removesuffix('_directory')}_group_role_mapping"
        return {**mapping_resource(call.instance, mapping), "object": name}


ROUTES: Final[tuple[BapiRoute, ...]] = (
    *_Face("scim_directory", "/v1/scim_directories").routes(),
    *_Face("directory", "/v1/directories").routes(),
)
