from typing import Any

import httpx
import pytest
from clerk_backend_api import Clerk
from clerk_backend_api.models import ClerkErrors, OAuthApplicationWithSecret
from conftest import InstanceInfo

# The client reads its own deprecated fields whenever it builds a request.
pytestmark = pytest.mark.filterwarnings(r"ignore:warning. \*\* DEPRECATED \*\*:DeprecationWarning")

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
HERE, THERE = "https://mill.example/callback", "mill://callback"


def application(clerk: Clerk, name: str = "Mill", **more: Any) -> OAuthApplicationWithSecret:
    made = clerk.oauth_applications.create(request={"name": name, **more})
    assert made is not None
    return made


def test_an_application_is_made_changed_listed_and_deleted(
    clerk: Clerk, instance: InstanceInfo
) -> None:
    made = application(clerk, redirect_uris=[HERE, THERE])

    assert made.client_secret
    assert made.scopes == "profile email"
    assert (made.consent_screen_enabled, made.pkce_required, made.public) == (True, False, False)
    assert (made.redirect_uris, made.callback_url) == ([HERE, THERE], HERE)
    assert (made.client_image_url, made.dynamically_registered) == (None, False)
    assert made.authorize_url == f"{instance.issuer}/oauth/authorize"
    assert made.discovery_url == f"{instance.issuer}/.well-known/openid-configuration"
    got = clerk.oauth_applications.get(oauth_application_id=made.id)
    assert got is not None
    assert {**got.model_dump(), "client_secret": made.client_secret} == made.model_dump()
    changed = clerk.oauth_applications.update(
        oauth_application_id=made.id,
        name="Windmill",
        redirect_uris=[THERE],
        scopes="openid offline_access",
        consent_screen_enabled=False,
        pkce_required=True,
    )
    assert changed is not None
    assert (changed.name, changed.redirect_uris) == ("Windmill", [THERE])
    assert (changed.scopes, changed.pkce_required) == ("openid offline_access", True)
    assert not changed.consent_screen_enabled
    gone = clerk.oauth_applications.delete(oauth_application_id=made.id)
    assert gone is not None
    assert (gone.id, gone.deleted) == (made.id, True)
    with pytest.raises(ClerkErrors) as refusal:
        clerk.oauth_applications.get(oauth_application_id=made.id)
    assert refusal.value.status_code == 404


def test_applications_are_found_by_name_or_client_id(clerk: Clerk, bapi: httpx.Client) -> None:
    ids = {name: application(clerk, name).client_id for name in ("Mill", "Windmill", "Press")}

    def names(**query: str) -> list[str]:
        answer = bapi.get("/oauth_applications", params=query).json()
        return [row["name"] for row in answer["data"]]

    assert names() == ["Press", "Windmill", "Mill"]
    assert names(order_by="+created_at") == ["Mill", "Windmill", "Press"]
    assert names(order_by="name") == ["Mill", "Press", "Windmill"]
    assert names(name_query="MILL") == ["Windmill", "Mill"]
    assert names(name_query=ids["Press"]) == ["Press"]


def test_a_public_application_has_no_secret(clerk: Clerk) -> None:
    made = application(clerk, public=True)
    assert made.client_secret == ""

    rotated = clerk.oauth_applications.rotate_secret(oauth_application_id=made.id)
    assert rotated is not None
    assert rotated.client_secret == ""
    clerk.oauth_applications.update(oauth_application_id=made.id, public=False)
    confidential = clerk.oauth_applications.rotate_secret(oauth_application_id=made.id)
    assert confidential is not None
    assert confidential.client_secret


def test_a_secret_is_replaced_and_shown_once(clerk: Clerk, bapi: httpx.Client) -> None:
    made = application(clerk)

    rotated = clerk.oauth_applications.rotate_secret(oauth_application_id=made.id)

    assert rotated is not None
    assert rotated.client_secret not in {"", made.client_secret}
    assert "client_secret" not in bapi.get(f"/oauth_applications/{made.id}").json()
    assert "client_secret" not in bapi.get("/oauth_applications").json()["data"][0]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"name": ""}, 422, "form_param_min_length_not_met"),
        ({"name": "a" * 257}, 422, "form_param_max_length_exceeded"),
        ({"redirect_uris": ["callback"]}, 422, "form_param_format_invalid"),
        ({"redirect_uris": [HERE, HERE]}, 400, "duplicate_record"),
        ({"callback_url": "callback"}, 422, "form_param_format_invalid"),
        ({"scopes": "profile shoes"}, 400, "oauth_invalid_scope"),
        ({"public": "yes"}, 422, "form_param_format_invalid"),
        ({"colour": "red"}, 422, "form_param_unknown"),
    ],
)
def test_a_senseless_application_is_refused(
    bapi: httpx.Client, change: dict[str, Any], status: int, code: str
) -> None:
    made = bapi.post("/oauth_applications", json={"name": "Mill"}).json()

    for answer in (
        bapi.post("/oauth_applications", json={"name": "Press", **change}),
        bapi.patch(f"/oauth_applications/{made['id']}", json=change),
    ):
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)
    assert bapi.get("/oauth_applications").json()["total_count"] == 1


def test_a_callback_url_is_the_older_name_of_a_redirect_uri(bapi: httpx.Client) -> None:
    body = {"name": "Mill", "callback_url": HERE, "scopes": None, "public": None}
    made = bapi.post("/oauth_applications", json=body).json()
    path = f"/oauth_applications/{made['id']}"
    changed = bapi.patch(path, json={"callback_url": THERE, "name": None}).json()

    assert made["redirect_uris"] == [HERE]
    assert (changed["redirect_uris"], changed["name"]) == ([THERE], "Mill")


def test_a_logo_is_served_replaced_and_goes_with_its_application(
    clerk: Clerk, bapi: httpx.Client, http: httpx.Client
) -> None:
    made = application(clerk)

    first = clerk.oauth_applications.upload_logo(
        oauth_application_id=made.id,
        file={"file_name": "mill.png", "content": PNG, "content_type": "image/png"},
    )
    files = {"file": ("b.gif", b"GIF89a" + bytes(9), "image/gif")}
    second = bapi.put(f"/oauth_applications/{made.id}/logo", files=files).json()

    assert first is not None
    assert http.get(str(first.client_image_url)).status_code == 404
    assert http.get(second["client_image_url"]).headers["content-type"] == "image/gif"
    assert bapi.put(f"/oauth_applications/{made.id}/logo").status_code == 400
    clerk.oauth_applications.delete(oauth_application_id=made.id)
    assert http.get(second["client_image_url"]).status_code == 404


def test_a_consent_screen_stays_where_the_application_came_in_by_itself(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    made = bapi.post("/oauth_applications", json={"name": "Mill"}).json()
    snapshot = control.get("/snapshot").json()
    snapshot["state"]["oauth_applications"][0]["dynamically_registered"] = True
    control.put("/snapshot", json=snapshot).raise_for_status()
    path = f"/oauth_applications/{made['id']}"

    refusal = bapi.patch(path, json={"consent_screen_enabled": False})

    code = "oauth_application_consent_screen_cannot_be_disabled"
    assert (refusal.status_code, refusal.json()["errors"][0]["code"]) == (422, code)
    assert bapi.patch(path, json={"consent_screen_enabled": True}).json()["dynamically_registered"]
