"""Make what a seed file declares: all of it, or nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NoReturn, TypeAlias

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.seeding.document import Document
from clerk_fake.seeding.operations import Operator
from clerk_fake.seeding.problems import Place, Problem, SeedError
from clerk_fake.seeding.sections import Ref, Section, offered_sections

__all__ = ["Handles", "sow"]

Handles: TypeAlias = Mapping[str, Mapping[str, str]]
"""Section → handle → id."""

CLERK_ID: Final = re.compile(r"[a-z0-9]+_[0-9A-Za-z]{27}")
FORMAT: Final = "form_param_format_invalid"
UNKNOWN: Final = "form_param_unknown"
STEP: Final = re.compile(r"[^.\[\]]+")


def sow(operator: Operator, instance: Instance, document: Document) -> Handles:
    """Make everything that ``document`` declares in ``instance``; return the ids of the handles.

    It is tried out in a copy of the instance first, so that nothing happens when anything is wrong.

    Raises:
        SeedError: Something is wrong; holds a problem for each entry that was refused.
    """
    with operator.instances.rehearsing(instance) as copy:
        _Sowing(operator, copy, document).finished()
    return _Sowing(operator, instance, document).finished()


@dataclass(slots=True)
class _Made:
    """What became of the entries with a handle in one section."""

    ids: dict[str, str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)


class _SkippedError(Exception):
    """An entry cannot be made, and it was said why."""


class _Sowing:
    """One way through a document."""

    def __init__(self, operator: Operator, instance: Instance, document: Document) -> None:
        self._operator = operator
        self._instance = instance
        self._document = document
        self._made: dict[str, _Made] = {}
        self._problems: list[Problem] = []

    def finished(self) -> Handles:
        declared = {} if self._document.value is None else self._document.value
        if isinstance(declared, dict):
            self._make_sections(offered_sections(), declared, (), owner=None)
        else:
            self._complain((), "a seed file is a mapping of sections", FORMAT)
        if self._problems:
            raise SeedError(self._problems)
        return {name: made.ids for name, made in self._made.items() if made.ids}

    def _make_sections(
        self, known: Mapping[str, Section], declared: JsonObject, around: Place, owner: str | None
    ) -> None:
        for name in declared:
            if name not in known:
                self._complain((*around, name), f"must be one of {', '.join(known)}", UNKNOWN)
        for name, section in known.items():
            place = (*around, name)
            entries = declared.get(name)
            if entries is None:
                continue
            if section.once:
                self._make_entry(section, entries, place, owner)
            elif isinstance(entries, list):
                for index, entry in enumerate(entries):
                    self._make_entry(section, entry, (*place, index), owner)
            else:
                self._complain(place, "must be a list", FORMAT)

    def _make_entry(self, section: Section, entry: object, place: Place, owner: str | None) -> None:
        if isinstance(entry, str) and section.plain is not None:
            entry = {section.plain: entry}
        if not isinstance(entry, dict):
            self._complain(place, "must be a mapping", FORMAT)
            return
        made = self._made.setdefault(section.name, _Made())
        children = offered_sections(section.children)
        inside = {name: entry[name] for name in children if name in entry}
        body = {name: value for name, value in entry.items() if name not in inside}
        handle = None if section.once else body.pop("handle", None)
        try:
            self._check_handle(handle, made, place)
            entry_id = self._perform(section, body, place, owner)
        except _SkippedError:
            if isinstance(handle, str):
                made.refused.add(handle)
            return
        if handle is not None:
            made.ids[handle] = entry_id
        self._make_sections(children, inside, place, entry_id)

    def _perform(self, section: Section, body: JsonObject, place: Place, owner: str | None) -> str:
        body = {
            name: [value] if name in section.texts and isinstance(value, str) else value
            for name, value in body.items()
        }
        for name, ref in section.refs.items():
            if body.get(name) is not None:
                body[ref.param] = self._referred_all(ref, body.pop(name), (*place, name))
        params = {}
        if section.owner is not None and owner is not None:
            params[section.owner] = owner
            if f"{{{section.owner}}}" not in section.operation.path:
                body[section.owner] = owner
        try:
            answer = self._operator.perform(section.operation, self._instance, params, body)
        except ApiError as refusal:
            self._refuse(section, place, refusal)
        return str(answer.get("id", ""))

    def _check_handle(self, handle: object, made: _Made, place: Place) -> None:
        if handle is None:
            return
        place = (*place, "handle")
        if not isinstance(handle, str) or not handle or CLERK_ID.fullmatch(handle):
            raise self._given_up(place, "must be text that looks like no id of Clerk's", FORMAT)
        if handle in made.ids or handle in made.refused:
            raise self._given_up(place, f"{handle} is there already", "form_identifier_exists")

    def _referred_all(self, ref: Ref, named: object, place: Place) -> str | list[str]:
        if isinstance(named, list):
            return [self._referred(ref, each, (*place, n)) for n, each in enumerate(named)]
        return self._referred(ref, named, place)

    def _referred(self, ref: Ref, handle: object, place: Place) -> str:
        made = self._made.get(ref.section, _Made())
        if not isinstance(handle, str):
            raise self._given_up(
                place, f"must be the handle of one of {ref.section}, or an id", FORMAT
            )
        if handle in made.ids:
            return made.ids[handle]
        if CLERK_ID.fullmatch(handle):
            return handle
        if handle in made.refused:
            raise _SkippedError
        known = ", ".join(made.ids) or "none"
        says = f"no entry of {ref.section} has the handle {handle} (there are: {known})"
        raise self._given_up(place, says, "resource_not_found")

    def _refuse(self, section: Section, place: Place, refusal: ApiError) -> NoReturn:
        names = {ref.param: name for name, ref in section.refs.items()}
        for complaint in refusal.complaints:
            param = str(complaint.meta.get("param_name", ""))
            steps = [int(step) if step.isdecimal() else step for step in STEP.findall(param)]
            if steps[:1] == [section.name]:
                del steps[0]
            if steps[:1] == [section.owner]:
                steps = []
            inside = tuple(names.get(str(step), step) for step in steps)
            self._complain((*place, *inside), complaint.long_message, complaint.code)
        raise _SkippedError from refusal

    def _given_up(self, place: Place, says: str, code: str) -> _SkippedError:
        self._complain(place, says, code)
        return _SkippedError()

    def _complain(self, place: Place, says: str, code: str) -> None:
        self._problems.append(Problem(self._document.line(place), place, says, code))
