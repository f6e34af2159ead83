"""What a template becomes when it is sent."""

import html
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.instance import Instance
from clerk_fake.jsontypes import JsonObject
from clerk_fake.model.settings.entity import settings_of
from clerk_fake.model.templates.entity import Template
from clerk_fake.model.templates.handlebars import Program, TemplateSyntaxError, parse
from clerk_fake.model.templates.system import TemplateType

__all__ = ["Letter", "checked_program", "plain_text", "written"]

PARTIALS: Final = {
    "app_logo": '{{#if app.logo_image_url}}<img src="{{app.logo_image_url}}" alt="{{app.name}}">'
    "{{else}}<p>{{app.name}}</p>{{/if}}",
    "org_logo": '{{#if org.logo_image_url}}<img src="{{org.logo_image_url}}" alt="{{org.name}}">'
    "{{else}}<p>{{org.name}}</p>{{/if}}",
    "copyright": "<p>© {{current_year}} {{app.name}}</p>",
}
ENDS_LINE: Final = frozenset({"/p", "/div", "/tr", "/li", "/h1", "/h2", "/h3", "br", "br/"})
UNSEEN: Final = frozenset({"style", "script", "title"})


@dataclass(frozen=True, slots=True)
class Letter:
    """A message with everything filled in.

    Attributes:
        subject: Of an e-mail.
        body: HTML of an e-mail, text of a text message.
    """

    subject: str
    body: str


def written(
    instance: Instance,
    template: Template,
    data: JsonObject,
    *,
    body: str | None = None,
    subject: str | None = None,
) -> Letter:
    """Fill in a template.

    Args:
        instance: Whose application is named.
        template: What is filled in.
        data: Variables → values.
        body: Instead of the template's own.
        subject: The same.

    Raises:
        ApiError: 422, a given body or subject is no template.
    """
    escape = template.type is TemplateType.EMAIL
    values = {**_common(instance), **data}
    partials = {name: parse(text) for name, text in PARTIALS.items()} if escape else {}
    program = checked_program(template.body if body is None else body, "body")
    title = checked_program((template.subject if subject is None else subject) or "", "subject")
    return Letter(
        subject=title.render(values, {}, escape=False),
        body=program.render(values, partials, escape=escape),
    )


def checked_program(text: str, param: str) -> Program:
    """Return the program of a template that somebody wrote.

    Raises:
        ApiError: 422 ``invalid_template_body``.
    """
    try:
        return parse(text)
    except TemplateSyntaxError as malformed:
        raise ApiError.of(
            422,
            "invalid_template_body",
            "Invalid template body",
            "This template body is invalid and cannot be rendered successfully, please check for "
            f"syntax errors: {malformed}",
            param_name=param,
        ) from malformed


def plain_text(page: str) -> str:
    """Return what is left of HTML without its markup: a line for each paragraph, links behind."""
    first, *rest = page.replace("\n", " ").split("<")
    seen = [first]
    within = link = ""
    for piece in rest:
        tag, closed, text = piece.partition(">")
        name = tag.partition(" ")[0].strip().lower()
        if name in UNSEEN:
            within = name
        elif name == f"/{within}":
            within = ""
        elif name == "a":
            link = tag.partition('href="')[2].partition('"')[0]
        elif name == "/a" and link:
            text, link = f" {link}{text}", ""
        if not closed:
            seen.append(f"<{piece}")
        elif not within:
            seen.append(f"\n{text}" if name in ENDS_LINE else text)
    lines = (" ".join(line.split()) for line in html.unescape("".join(seen)).splitlines())
    return "\n".join(line for line in lines if line)


def _common(instance: Instance) -> JsonObject:
    """Return the variables and helpers that every template has."""
    name = settings_of(instance).general.application_name
    year = datetime.fromtimestamp(instance.clock.now_ms() / 1000, UTC).year
    return {
        "app": {
            "name": name,
            "domain_name": instance.identity.frontend_host,
            "url": instance.identity.issuer,
            "logo_image_url": None,
        },
        "current_year": str(year),
        "clerk_url": instance.home_url,
        "dashboard_url": instance.dashboard_url,
    }
