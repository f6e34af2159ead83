"""``/v1/templates/{template_type}``: list, get, change, revert, preview, who delivers."""

from collections.abc import Callable
from typing import Final

from clerk_fake.bapi.call import BapiRoute, Call
from clerk_fake.errors import ApiError
from clerk_fake.http.forms import read_form
from clerk_fake.http.response import Response, json_response
from clerk_fake.http.router import Route
from clerk_fake.model.templates.commands import (
    DeliveryChange,
    Sketch,
    TemplateDraft,
    change_delivery,
    change_template,
    preview_template,
    revert_template,
)
from clerk_fake.model.templates.entity import TEMPLATES, Template, all_templates, find_template
from clerk_fake.model.templates.system import TemplateType

__all__ = ["ROUTES"]

PATH: Final = "/v1/templates/{template_type}"
ONE: Final = "/v1/templates/{template_type}/{slug}"


def _type(call: Call) -> TemplateType:
    wanted = call.param("template_type")
    if wanted not in set(TemplateType):
        raise ApiError.of(
            400,
            "template_type_unsupported",
            "Template type not supported",
            f"Template type {wanted} is not supported",
        )
    return TemplateType(wanted)


def _called(call: Call) -> Template:
    return find_template(call.instance, _type(call), call.param("slug"))


def _list(call: Call) -> Response:
    templates = all_templates(call.instance, _type(call))
    query = call.request.query()
    shown = query.page().cut(templates)
    rows = [TEMPLATES.resource(call.instance, template) for template in shown]
    if query.boolean("paginated"):
        return json_response({"data": rows, "total_count": len(templates)})
    return json_response(rows)


def _get(call: Call) -> Response:
    return _written(call, _called(call))


def _change(call: Call) -> Response:
    template = _called(call)
    draft = read_form(TemplateDraft, call.request.fields())
    return _written(call, change_template(call.instance, template, draft, call.origin))


def _revert(call: Call) -> Response:
    return _written(call, revert_template(call.instance, _called(call), call.origin))


def _preview(call: Call) -> Response:
    template = _called(call)
    sketch = read_form(Sketch, call.request.fields())
    return json_response(preview_template(call.instance, template, sketch))


def _toggle(call: Call) -> Response:
    template = _called(call)
    change = read_form(DeliveryChange, call.request.fields())
    return _written(call, change_delivery(call.instance, template, change, call.origin))


def _written(call: Call, template: Template) -> Response:
    return json_response(TEMPLATES.resource(call.instance, template))


def _posted(suffix: str, handler: Callable[[Call], Response]) -> BapiRoute:
    return Route("POST", f"{ONE}/{suffix}", handler)


ROUTES: Final[tuple[BapiRoute, ...]] = (
    Route("GET", PATH, _list),
    Route("GET", ONE, _get),
    Route("PUT", ONE, _change),
    _posted("revert", _revert),
    _posted("preview", _preview),
    _posted("toggle_delivery", _toggle),
)
