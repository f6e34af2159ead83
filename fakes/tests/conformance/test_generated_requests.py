"""Requests made up from Clerk's description, right and wrong ones: none gets a 5xx.

Each answer is judged, too. The same requests in every run.
"""

import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from judging.descriptions import LATEST, MISSING, described
from judging.exchanges import Exchange
from judging.wiretap import faults_of
from schemathesis import GenerationMode
from walking.stock import stocked

REQUESTS = {GenerationMode.POSITIVE: 3, GenerationMode.NEGATIVE: 4}
"""How many are made per operation."""

DESCRIPTION = described(f"bapi/{LATEST}")


def _tags() -> list[Any]:
    if DESCRIPTION is None:
        return [pytest.param("none", marks=pytest.mark.skip(reason=MISSING))]
    return [tag["name"] for tag in DESCRIPTION["tags"]]


@pytest.fixture(scope="module")
def generator() -> Any:
    assert DESCRIPTION is not None
    return schemathesis.openapi.from_dict(DESCRIPTION)


def _operations(generator: Any, tag: str) -> Iterator[Any]:
    """Yield the operations of a tag, those last which delete what the others need."""
    found = [
        result.ok()
        for result in generator.get_all_operations()
        if result.ok().definition.raw["tags"][0] == tag
    ]
    yield from sorted(found, key=lambda operation: operation.method == "delete")


@pytest.mark.parametrize("tag", _tags())
def test_no_generated_request_gets_a_5xx(bapi: httpx.Client, generator: Any, tag: str) -> None:
    faults: list[str] = []
    stock = stocked(bapi)
    for operation in _operations(generator, tag):
        for mode, requests in REQUESTS.items():

            @seed(zlib.crc32(f"{operation.label} {mode}".encode()))
            @settings(
                max_examples=requests,
                database=None,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case: Any) -> None:
                faults.extend(_faults(bapi, case, stock))

            ask()

    assert faults == []


def _faults(bapi: httpx.Client, case: Any, stock: dict[str, str]) -> list[str]:
    case.path_parameters = {
        name: stock.get(name) or value for name, value in (case.path_parameters or {}).items()
    }
    headers = {"authorization": bapi.headers["authorization"]}
    response = case.call(base_url=str(bapi.base_url), headers=headers)
    path, _, query = response.request.path_url.partition("?")
    exchange = Exchange(
        method=case.method.upper(),
        path=path,
        query=query,
        version=None,
        status=response.status_code,
        content_type=response.headers.get("content-type", [None])[0],
        body=response.content,
    )
    return [f"{fault} (asked: {case.as_curl_command()})" for fault in faults_of(exchange)]
