import httpx
import pytest
from clerk_backend_api import Clerk
from clerk_backend_api.models import ClerkErrors
from conftest import ServerInfo


def _code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["errors"][0]["code"]


def test_webhooks_are_set_up_once_and_given_up_once(clerk: Clerk, bapi: httpx.Client) -> None:
    with pytest.raises(ClerkErrors) as missing:
        clerk.webhooks.generate_svix_auth_url()
    assert missing.value.data.errors[0].code == "svix_app_missing"
    assert _code(bapi.delete("/webhooks/svix")) == (400, "svix_app_missing")

    created = clerk.webhooks.create_svix_app()

    assert clerk.webhooks.generate_svix_auth_url() == created
    assert _code(bapi.post("/webhooks/svix")) == (400, "svix_app_exists")
    clerk.webhooks.delete_svix_app()
    assert _code(bapi.post("/webhooks/svix_url")) == (400, "svix_app_missing")


def test_the_link_leads_to_a_page_of_the_fake_itself(clerk: Clerk, server: ServerInfo) -> None:
    created = clerk.webhooks.create_svix_app()

    page = httpx.get(created.svix_url)

    assert page.status_code == 200
    assert created.svix_url.startswith(server.url)


def test_giving_webhooks_up_takes_the_endpoints_along(clerk: Clerk, control: httpx.Client) -> None:
    control.post("/endpoints", json={"url": "http://127.0.0.1:9/hooks"}).raise_for_status()
    assert clerk.webhooks.generate_svix_auth_url().svix_url

    clerk.webhooks.delete_svix_app()

    assert control.get("/endpoints").json()["data"] == []


def test_an_answer_without_a_body_has_no_type(clerk: Clerk, bapi: httpx.Client) -> None:
    clerk.webhooks.create_svix_app()

    answer = bapi.delete("/webhooks/svix")

    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers
    assert "content-length" not in answer.headers
