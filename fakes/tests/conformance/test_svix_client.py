"""Every method of Svix' official client is offered, or told in the docs as one that is not."""

import fnmatch
import inspect
import re
import typing
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import httpx
import pydantic
import pytest
import svix.models
from svix.api import Svix, SvixOptions
from svix.api.errors.http_error import HttpError
from svix.api.errors.http_validation_error import HTTPValidationError

if typing.TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import InstanceInfo

DOCS = Path(__file__).parents[3] / "docs" / "svix.md"
ROW = re.compile(r"^\| (`[^|]+`) \| [^|]+ \|$", re.MULTILINE)


def _methods(resource: object, prefix: str = "") -> Iterator[str]:
    for name, member in inspect.getmembers(type(resource)):
        if isinstance(member, property):
            yield from _methods(getattr(resource, name), f"{prefix}{name}.")
        elif inspect.isfunction(member) and not name.startswith("_"):
            yield prefix + name


METHODS = sorted(_methods(Svix("token", SvixOptions(server_url="http://127.0.0.1:1"))))


def _not_offered() -> list[str]:
    section = DOCS.read_text().partition("## Not offered")[2]
    return [name for row in ROW.findall(section) for name in re.findall(r"`([^`]+)`", row)]


def _told_as_not_offered(method: str) -> bool:
    return any(fnmatch.fnmatchcase(method, pattern) for pattern in _not_offered())


def _made_up(hint: Any, name: str, app: str) -> Any:
    """Return an argument that has the right type and means nothing."""
    if isinstance(hint, type) and issubclass(hint, pydantic.BaseModel):
        required = {key: f for key, f in hint.model_fields.items() if f.is_required()}
        return hint.model_construct(**dict.fromkeys(required, "x"))
    return app if name == "app_id" else "x"


def _asked(client: Svix, method: str, app: str) -> tuple[int, str]:
    """Call a method with made-up arguments, and return what the server said to it."""
    call: Callable[..., object] = reduce(getattr, method.split("."), client)
    hints = typing.get_type_hints(call, vars(svix.models) | {"models": svix.models})
    needed = [
        name
        for name, parameter in inspect.signature(call).parameters.items()
        if parameter.default is inspect.Parameter.empty
    ]
    try:
        call(**{name: _made_up(hints[name], name, app) for name in needed})
    except HTTPValidationError as refused:
        return refused.status_code, ""
    except HttpError as refused:
        return refused.status_code, refused.detail
    return 200, ""


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:Pydantic serializer warnings")
@pytest.mark.parametrize("method", METHODS)
def test_a_method_of_the_client_is_offered_or_the_docs_say_that_it_is_not(
    svix: Svix, instance: "InstanceInfo", method: str
) -> None:
    status, detail = _asked(svix, method, instance.instance_id)

    assert status < 500
    missing = status == 405 or "no operation" in detail
    assert missing == _told_as_not_offered(method), (status, detail)


def test_the_docs_name_nothing_that_the_client_has_not() -> None:
    assert len(METHODS) > 100
    for pattern in _not_offered():
        assert fnmatch.filter(METHODS, pattern), f"{pattern} is no method of the client"


def test_what_is_not_offered_is_refused_without_a_second_try(
    svix: Svix, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    send = httpx.Client.send

    def counted(client: httpx.Client, request: httpx.Request, **how: Any) -> httpx.Response:
        sent.append(request.url.path)
        return send(client, request, **how)

    monkeypatch.setattr(httpx.Client, "send", counted)

    with pytest.raises(HttpError):
        svix.streaming.stream.list()

    assert len(sent) == 1
