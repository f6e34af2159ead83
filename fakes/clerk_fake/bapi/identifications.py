"""``/v1/email_addresses`` and ``/v1/phone_numbers``, which work alike."""

from dataclasses import dataclass
from typing import Any, Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.bapi.user_reading import called_user
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.identifications import forms
from clerk_fake.model.identifications.commands import (
    Claim,
    Wish,
    add_identification,
    change_identification,
    delete_identification,
    replace_identifications,
)
from clerk_fake.model.identifications.entity import Standing
from clerk_fake.model.identifications.holding import Owned, require_identification
from clerk_fake.model.identifications.kinds import (
    EMAIL_ADDRESSES,
    PHONE_NUMBERS,
    IdentificationKind,
)
from clerk_fake.model.identifications.proving import attempt_verification, prepare_verification
from clerk_fake.model.identifications.resource import identification_resource
from clerk_fake.model.users.entity import require_user
from clerk_fake.model.verifications import Verification, verification_answer

__all__ = ["ROUTES"]


@dataclass(frozen=True, slots=True)
class _Face:
    """The operations on one kind.

    Attributes:
        kind: What they are on.
        draft: The form of a new one.
        change: The form of a change.
        replacement: The form of the only one.
    """

    kind: IdentificationKind
    draft: type[Any]
    change: type[Any]
    replacement: type[Any]

    def routes(self) -> tuple[BapiRoute, ...]:
        """Return all of them."""
        path, param = f"/v1/{self.kind.held}", f"{{{self.kind.param}_id}}"
        return (
            Route("POST", path, self._create),
            Route("GET", f"{path}/{param}", lambda call: _answer(self._called(call))),
            Route("PATCH", f"{path}/{param}", self._update),
            Route("DELETE", f"{path}/{param}", self._delete),
            Route("POST", f"{path}/{param}/prepare_verification", self._prepare),
            Route("POST", f"{path}/{param}/attempt_verification", self._attempt),
            Route("PUT", f"/v1/users/{{user_id}}/{self.kind.param}", self._replace),
        )

    def _called(self, call: Call) -> Owned:
        return require_identification(call.instance, self.kind, call.param(f"{self.kind.param}_id"))

    def _create(self, call: Call) -> Response:
        draft = read_form(self.draft, call.request.fields())
        owner = require_user(call.instance, draft.user_id)
        standing = Standing.VERIFIED if draft.verified else Standing.UNVERIFIED
        claim = Claim(self.kind, getattr(draft, self.kind.param), standing)
        return _answer(add_identification(call.instance, owner, claim, _wish(draft), call.origin))

    def _update(self, call: Call) -> Response:
        owned = self._called(call)
        wish = _wish(read_form(self.change, call.request.fields()))
        return _answer(change_identification(call.instance, owned, wish, call.origin))

    def _delete(self, call: Call) -> Response:
        owned = self._called(call)
        delete_identification(call.instance, owned, call.origin)
        deleted = {"id": owned.identification.id, "object": self.kind.param, "deleted": True}
        return json_response(deleted)

    def _prepare(self, call: Call) -> Response:
        return _told(call, prepare_verification(call.instance, self._called(call), call.origin))

    def _attempt(self, call: Call) -> Response:
        owned = self._called(call)
        form = read_form(forms.CodeForm, call.request.fields())
        tried = attempt_verification(
            call.instance, owned, form.verification_id, form.code, call.origin
        )
        return _told(call, tried)

    def _replace(self, call: Call) -> Response:
        owner = called_user(call)
        form = read_form(self.replacement, call.request.fields())
        claim = Claim(self.kind, getattr(form, self.kind.param), form.identification_status)
        return _answer(
            replace_identifications(call.instance, owner, claim, _wish(form), call.origin)
        )


def _wish(form: Any) -> Wish:
    """Return what any of the forms wishes; what it has not got stays as it is."""
    return Wish(
        verified=getattr(form, "verified", None),
        primary=getattr(form, "primary", None),
        second_factor=getattr(form, "reserved_for_second_factor", None),
        notify=getattr(form, "notify_primary_email_address_changed", False),
    )


def _answer(owned: Owned) -> Response:
    return json_response(identification_resource(owned.identification, owned.owner.links()))


def _told(call: Call, verification: Verification) -> Response:
    return json_response(verification_answer(verification, call.now_ms))


FACES: Final = (
    _Face(
        EMAIL_ADDRESSES,
        forms.EmailAddressDraft,
        forms.EmailAddressChange,
        forms.EmailAddressReplacement,
    ),
    _Face(
        PHONE_NUMBERS,
        forms.PhoneNumberDraft,
        forms.PhoneNumberChange,
        forms.PhoneNumberReplacement,
    ),
)

ROUTES: Final[tuple[BapiRoute, ...]] = tuple(route for face in FACES for route in face.routes())
