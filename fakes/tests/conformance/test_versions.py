"""The dated versions of the API: where their shapes differ, and what is no version."""

import httpx
import pytest
from judging.descriptions import LATEST, MISSING, OLDER, described
from judging.operations import Operations

METADATA = {"public_metadata": {"b": 2}, "private_metadata": {"c": 3}}


@pytest.fixture(scope="module")
def versions() -> dict[str, Operations]:
    descriptions = {version: described(f"bapi/{version}") for version in (OLDER, LATEST)}
    if None in descriptions.values():
        pytest.skip(MISSING)
    return {version: Operations(found) for version, found in descriptions.items() if found}


def test_the_versions_differ_in_nothing_else(versions: dict[str, Operations]) -> None:
    old, new = (versions[version].by_id for version in (OLDER, LATEST))
    bodies = {
        operation_id for operation_id in old if old[operation_id].body != new[operation_id].body
    }

    assert bodies == {"UpdateUser", "UpdateOrganization"}
    assert set(old) <= set(new)
    added = [operation_id for operation_id in new if operation_id not in old]
    assert len(added) == 10
    assert all("GroupRoleMapping" in each or "Rotate" in each for each in added)


def _update(bapi: httpx.Client, path: str, version: str | None) -> httpx.Response:
    headers = {} if version is None else {"clerk-api-version": version}
    return bapi.patch(path, json=METADATA, headers=headers)


@pytest.mark.parametrize("noun", ["users", "organizations"])
def test_an_update_takes_metadata_up_to_a_version(bapi: httpx.Client, noun: str) -> None:
    body = {"users": {"username": "ada_l"}, "organizations": {"name": "Acme"}}[noun]
    created = bapi.post(f"/{noun}", json=body)
    path = f"/{noun}/{created.json()['id']}"

    assert _update(bapi, path, OLDER).json()["public_metadata"] == {"b": 2}
    assert _update(bapi, path, "2025-04-10").json()["private_metadata"] == {"c": 3}
    assert _update(bapi, path, None).status_code == 200
    for version in (LATEST, "2030-01-01"):
        refused = _update(bapi, path, version)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["code"] == "form_param_unknown"


@pytest.mark.parametrize("version", ["latest", "v1", "2026-13-01", "2026-5-12", "1999-01-01", "é"])
def test_what_is_no_version_is_refused(bapi: httpx.Client, version: str) -> None:
    refused = bapi.get("/users", headers={"clerk-api-version": version.encode("latin-1")})

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["code"] == "api_version_invalid"
    assert bapi.get("/users", params={"__clerk_api_version": version}).status_code == 400


def test_a_version_is_said_once(bapi: httpx.Client) -> None:
    both = bapi.get(f"/users?__clerk_api_version={LATEST}", headers={"clerk-api-version": LATEST})

    assert both.status_code == 400
    assert bapi.get(f"/users?__clerk_api_version={LATEST}").status_code == 200
    user = bapi.post("/users", json={"username": "ada_l"}).json()
    path = f"/users/{user['id']}?__clerk_api_version={LATEST}"
    assert bapi.patch(path, json=METADATA).status_code == 422
