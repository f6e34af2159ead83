"""What is said in a sign-up, checked."""

from typing import Any

from clerk_fake.instance import Instance
from clerk_fake.model.identifications.entity import Standing
from clerk_fake.model.identifications.formats import check_username
from clerk_fake.model.identifications.kinds import KINDS
from clerk_fake.model.metadata import check_metadata
from clerk_fake.model.restrictions.admission import check_identifiers
from clerk_fake.model.sign_ups.forms import SignUpForm
from clerk_fake.model.users.credentials import check_locale, new_password
from clerk_fake.model.users.uniqueness import check_identifier_free, check_username_free

__all__ = ["checked_fields"]


def checked_fields(instance: Instance, form: SignUpForm, *, invited: bool) -> dict[str, Any]:
    """Return the fields of a sign-up that a form sets.

    Args:
        instance: Where.
        form: What was said.
        invited: Whether somebody let the person in, so that the lists do not matter.

    Raises:
        ApiError: 403, the lists keep an identifier out; 422, something is malformed or taken.
    """
    fields = _identifiers(instance, form, invited=invited)
    if form.password is not None:
        fields["password"] = new_password(instance, form.password, list(fields.values()))
    for name in ("first_name", "last_name"):
        if getattr(form, name) is not None:
            fields[name] = getattr(form, name)
    if form.locale is not None:
        fields["locale"] = check_locale(form.locale)
    if form.unsafe_metadata is not None:
        fields["unsafe_metadata"] = check_metadata("unsafe_metadata", form.unsafe_metadata)
    if form.legal_accepted:
        fields["legal_accepted_at"] = instance.clock.now_ms()
    return fields


def _identifiers(instance: Instance, form: SignUpForm, *, invited: bool) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for kind in KINDS:
        text = getattr(form, kind.param)
        if text is None:
            continue
        identifier = fields[kind.param] = kind.check(text)
        check_identifier_free(instance, kind, identifier, Standing.VERIFIED)
    if fields and not invited:
        check_identifiers(instance, list(fields.values()), invited=())
    if form.username is not None:
        check_username_free(instance, check_username(form.username))
        fields["username"] = form.username
    return fields
