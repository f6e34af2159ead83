"""A template as an instance has it: Clerk's own, or what it was changed to."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.records import Kind
from clerk_fake.model.templates.system import (
    SYSTEM_TEMPLATES,
    SystemTemplate,
    TemplateType,
    system_template,
)
from clerk_fake.state import Noun

__all__ = ["TEMPLATES", "Template", "all_templates", "current_template", "find_template"]

COMMON_VARIABLES: Final = ("app.name", "app.domain_name", "app.url", "app.logo_image_url")


@dataclass(frozen=True, slots=True)
class Template:
    """A template; times are Unix ms, 0 for one that was never changed.

    Attributes:
        changed: Whether it is the instance's own.
        markup: What an editor made the body from.
        from_email_name: Local part of the sender; ``None`` for the instance's usual one.
    """

    id: str
    type: TemplateType
    slug: str
    name: str
    subject: str | None
    body: str
    created_at: int
    updated_at: int
    changed: bool = True
    markup: str = ""
    delivered_by_clerk: bool = True
    from_email_name: str | None = None
    reply_to_email_name: str | None = None

    @property
    def system(self) -> SystemTemplate:
        """What it was before it was changed."""
        found = system_template(self.type, self.slug)
        if found is None:
            raise ApiError.of(
                404,
                "resource_not_found",
                "Template not found",
                f"No template was found with slug {self.slug}",
            )
        return found


def _resource(instance: Instance, template: Template) -> JsonObject:
    system = template.system
    email = template.type is TemplateType.EMAIL
    return {
        "object": "template",
        "id": template.id,
        "instance_id": instance.id if template.changed else None,
        "resource_type": "user" if template.changed else "system",
        "template_type": template.type,
        "name": template.name,
        "slug": template.slug,
        "position": [each for each in SYSTEM_TEMPLATES if each.type is system.type].index(system),
        "can_revert": template.changed,
        "can_delete": False,
        "can_edit_body": email or not template.delivered_by_clerk,
        "can_toggle": system.notification,
        "subject": template.subject,
        "markup": template.markup,
        "body": template.body,
        "available_variables": [*system.variables, *COMMON_VARIABLES],
        "required_variables": list(system.required),
        "from_email_name": template.from_email_name or "",
        "reply_to_email_name": template.reply_to_email_name or "",
        "delivered_by_clerk": template.delivered_by_clerk,
        "enabled": True,
        "flagged_as_suspicious": False,
        "updated_at": template.updated_at,
        "created_at": template.created_at,
    }


TEMPLATES: Final = Kind(
    Noun("templates", Template, {"slug": lambda template: (f"{template.type} {template.slug}",)}),
    what="template",
    prefix="tmpl",
    wire_name="template",
    resource=_resource,
)


def current_template(instance: Instance, template_type: TemplateType, slug: str) -> Template | None:
    """Return the template with this slug as the instance has it now, if there is one."""
    for template in TEMPLATES.table(instance).find("slug", f"{template_type} {slug}"):
        return template
    system = system_template(template_type, slug)
    return None if system is None else _unchanged(system)


def find_template(instance: Instance, template_type: TemplateType, slug: str) -> Template:
    """Return the template with this slug.

    Raises:
        ApiError: 404, there is none.
    """
    template = current_template(instance, template_type, slug)
    if template is None:
        raise ApiError.of(
            404,
            "resource_not_found",
            "Template not found",
            f"No template was found with slug {slug}",
        )
    return template


def all_templates(instance: Instance, template_type: TemplateType) -> list[Template]:
    """Return all templates of a type in their order."""
    return [
        find_template(instance, template_type, system.slug)
        for system in SYSTEM_TEMPLATES
        if system.type is template_type
    ]


def _unchanged(system: SystemTemplate) -> Template:
    digest = blake2b(f"{system.type} {system.slug}".encode()).hexdigest()
    return Template(
        id=f"{TEMPLATES.prefix}_{digest[:27]}",
        type=system.type,
        slug=system.slug,
        name=system.name,
        subject=system.subject,
        body=system.body,
        created_at=0,
        updated_at=0,
        changed=False,
    )
