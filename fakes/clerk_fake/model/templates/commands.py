"""Change templates, put them back, look at them, and say who delivers what is made of them."""

import re
from dataclasses import dataclass, replace
from typing import Annotated, Final, TypeAlias

from clerk_fake.errors import ApiError
from clerk_fake.events.log import Origin
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject, Length
from clerk_fake.model.settings.entity import settings_of
from clerk_fake.model.templates.entity import TEMPLATES, Template, find_template
from clerk_fake.model.templates.handlebars import variables_in
from clerk_fake.model.templates.letters import checked_program, written
from clerk_fake.model.templates.system import TemplateType
from clerk_fake.model.unset import UNSET, Unset

__all__ = [
    "DeliveryChange",
    "Sketch",
    "TemplateDraft",
    "change_delivery",
    "change_template",
    "preview_template",
    "revert_template",
]

LOCAL_PART: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{0,64}")
Long: TypeAlias = Annotated[str, Length(1, 200_000)]


@dataclass(frozen=True, slots=True)
class TemplateDraft:
    """What ``PUT /v1/templates/{template_type}/{slug}`` takes."""

    name: str
    body: Long
    subject: str | None = None
    markup: Long | None = None
    delivered_by_clerk: bool | None = None
    from_email_name: str | None = None
    reply_to_email_name: str | None = None


@dataclass(frozen=True, slots=True)
class Sketch:
    """What ``POST …/preview`` takes; what is left out is the template's own."""

    subject: str | None = None
    body: Long | None = None
    from_email_name: str | None = None
    reply_to_email_name: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveryChange:
    """What ``POST …/toggle_delivery`` takes; without a word it is the other way round."""

    delivered_by_clerk: bool | Unset = UNSET


def change_template(
    instance: Instance, template: Template, draft: TemplateDraft, origin: Origin
) -> Template:
    """Give an instance its own version of a template.

    Raises:
        ApiError: 422, the body is no template or lacks a variable that it must have, an e-mail
            has no subject, or a name is no local part; 400, Clerk delivers the text message, so
            its body is Clerk's.
    """
    mentioned = variables_in(checked_program(draft.body, "body"))
    for variable in template.system.required:
        if variable not in mentioned:
            raise ApiError.of(
                422,
                "required_variable_missing",
                "required variable missing",
                f"Body should contain the {{{{{variable}}}}} variable",
                param_name="body",
            )
    _check_names(draft.from_email_name, draft.reply_to_email_name)
    by_clerk = draft.delivered_by_clerk
    by_clerk = template.delivered_by_clerk if by_clerk is None else by_clerk
    if template.type is TemplateType.EMAIL:
        if not draft.subject:
            raise ApiError.missing_param("subject")
        checked_program(draft.subject, "subject")
    elif by_clerk and draft.body != template.system.body:
        raise ApiError.of(
            400,
            "template_body_modification_restricted",
            "Template body cannot be modified",
            f"The body of template with slug {template.slug} can't be modified",
        )
    return _keep(
        instance,
        replace(
            template,
            name=draft.name,
            subject=draft.subject if template.type is TemplateType.EMAIL else None,
            body=draft.body,
            markup=draft.markup or "",
            delivered_by_clerk=by_clerk,
            from_email_name=draft.from_email_name or None,
            reply_to_email_name=draft.reply_to_email_name or None,
        ),
        origin,
    )


def change_delivery(
    instance: Instance, template: Template, change: DeliveryChange, origin: Origin
) -> Template:
    """Say whether Clerk delivers what is made of a template, or whoever hears of it by webhook."""
    by_clerk = change.delivered_by_clerk
    if isinstance(by_clerk, Unset):
        by_clerk = not template.delivered_by_clerk
    return _keep(instance, replace(template, delivered_by_clerk=by_clerk), origin)


def revert_template(instance: Instance, template: Template, origin: Origin) -> Template:
    """Go back to Clerk's own version.

    Raises:
        ApiError: 400, it is Clerk's own version.
    """
    if not template.changed:
        raise ApiError.of(
            400,
            "template_revert_error",
            "Template revert restricted",
            f"Template with slug {template.slug} can't be reverted",
        )
    TEMPLATES.remove(instance, template, origin)
    return find_template(instance, template.type, template.slug)


def preview_template(instance: Instance, template: Template, sketch: Sketch) -> JsonObject:
    """Return what would be sent, with an example for each variable; nothing changes.

    Raises:
        ApiError: 422, body or subject is no template.
    """
    _check_names(sketch.from_email_name, sketch.reply_to_email_name)
    data = _examples(template.system.variables)
    letter = written(instance, template, data, body=sketch.body, subject=sketch.subject)
    if template.type is TemplateType.SMS:
        return {"body": letter.body}
    domain = instance.identity.frontend_host
    sender = sketch.from_email_name or template.from_email_name
    answer_to = sketch.reply_to_email_name or template.reply_to_email_name
    usual = settings_of(instance).general.from_email_address
    return {
        "subject": letter.subject,
        "body": letter.body,
        "from_email_address": f"{sender or usual}@{domain}",
        "reply_to_email_address": f"{answer_to}@{domain}" if answer_to else None,
    }


def _keep(instance: Instance, template: Template, origin: Origin) -> Template:
    if template.changed:
        return TEMPLATES.change(
            instance,
            template,
            origin,
        )
    now = instance.clock.now_ms()
    first = replace(
        template, id=TEMPLATES.new_id(instance), created_at=now, updated_at=now, changed=True
    )
    return TEMPLATES.add(instance, first, origin)


def _check_names(*names: str | None) -> None:
    for name, param in zip(names, ("from_email_name", "reply_to_email_name"), strict=True):
        if name is not None and not LOCAL_PART.fullmatch(name):
            raise ApiError.bad_format(param, "a valid email address local part")


def _examples(variables: tuple[str, ...]) -> JsonObject:
    """Return a value for each variable: its last name, in words."""
    examples: JsonObject = {}
    for variable in variables:
        *groups, name = variable.split(".")
        place = examples
        for group in groups:
            place = place.setdefault(group, {})
        place[name] = EXAMPLES.get(name, name.replace("_", " "))
    return examples


EXAMPLES: Final = {
    "otp_code": "424242",
    "action_url": "https://example.com/accept",
    "expires_in_days": 30,
    "ttl_minutes": 10,
    "public_metadata": {},
    "email_address": "ada@example.com",
}
