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
from svix.api import Svix, SvixAsync, SvixOptions
from svix.api.errors.http_error import HttpError
from svix.api.errors.http_validation_error import HTTPValidationError

if typing.TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import InstanceInfo, ServerInfo

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


def _arguments(call: "Callable[..., Any]", app: str) -> dict[str, Any]:
    """Make up what a method needs."""
    hints = typing.get_type_hints(call, vars(svix.models) | {"models": svix.models})
    needed = [
        name
        for name, parameter in inspect.signature(call).parameters.items()
        if parameter.default is inspect.Parameter.empty
    ]
    return {name: _made_up(hints[name], name, app) for name in needed}


def _said(refused: Exception) -> tuple[int, str]:
    """Return what the server said to a call."""
    if isinstance(refused, HttpError):
        return refused.status_code, refused.detail
    assert isinstance(refused, HTTPValidationError), refused
    return refused.status_code, ""


def _asked(client: Svix, method: str, app: str) -> tuple[int, str]:
    call: Callable[..., Any] = reduce(getattr, method.split("."), client)
    try:
        call(**_arguments(call, app))
    except (HttpError, HTTPValidationError) as refused:
        return _said(refused)
    return 200, ""


def _is_missing(answer: tuple[int, str]) -> bool:
    status, detail = answer
    assert status < 500
    return status == 405 or "no operation" in detail


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:Pydantic serializer warnings")
@pytest.mark.parametrize("method", METHODS)
def test_a_method_of_the_client_is_offered_or_the_docs_say_that_it_is_not(
    svix: Svix, instance: "InstanceInfo", method: str
) -> None:
    answer = _asked(svix, method, instance.instance_id)

    assert _is_missing(answer) == _told_as_not_offered(method), answer


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:Pydantic serializer warnings")
@pytest.mark.asyncio
async def test_the_asynchronous_client_finds_the_same(
    server: "ServerInfo", instance: "InstanceInfo"
) -> None:
    client = SvixAsync(instance.secret_key, SvixOptions(server_url=server.url))
    assert sorted(_methods(client)) == METHODS
    for method in METHODS:
        call: Callable[..., Any] = reduce(getattr, method.split("."), client)
        answer = (200, "")
        try:
            await call(**_arguments(call, instance.instance_id))
        except (HttpError, HTTPValidationError) as refused:
            answer = _said(refused)
        assert _is_missing(answer) == _told_as_not_offered(method), (method, answer)
    await client._httpx_client.aclose()


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
