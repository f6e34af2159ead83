import base64
from collections.abc import Iterator

import httpx
import pytest
from clerk_backend_api import Clerk
from conftest import InstanceInfo, ServerInfo

# The client reads its own deprecated request fields whenever it builds a request.
pytestmark = pytest.mark.filterwarnings(r"ignore:warning. \*\* DEPRECATED \*\*:DeprecationWarning")


@pytest.fixture
def anybody(server: ServerInfo) -> Iterator[httpx.Client]:
    """Somebody without a secret key."""
    with httpx.Client(base_url=f"{server.url}/v1", timeout=10) as client:
        yield client


def test_anybody_gets_the_page_of_an_instance(
    anybody: httpx.Client, instance: InstanceInfo
) -> None:
    page = anybody.get(
        "/public/interstitial",
        params={"publishable_key": instance.publishable_key, "sign_in_url": '/"><b>'},
    )

    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert f'data-clerk-publishable-key="{instance.publishable_key}"' in page.text
    assert f'src="{instance.issuer}/npm/@clerk/clerk-js' in page.text
    assert "<b>" not in page.text


def test_the_script_comes_from_the_proxy_or_the_domain(anybody: httpx.Client) -> None:
    def page(query: str) -> str:
        return anybody.get(f"/public/interstitial?{query}").raise_for_status().text

    assert 'src="https://a.example/npm/' in page("frontendApi=a.example")
    assert 'src="/__clerk/npm/' in page("frontend_api=a.example&proxy_url=/__clerk/")
    assert 'src="https://a.example/npm/' in page("frontend_api=a.example&domain=b.example")
    domain = page("frontend_api=a.example&domain=b.example&use_domain_for_script=true")
    assert 'src="https://clerk.b.example/npm/' in domain


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 400, "missing_query_parameter"),
        ("publishable_key=pk_test_!", 400, "malformed_publishable_key"),
        (
            "publishable_key=sk_test_" + base64.b64encode(b"a.example$").decode(),
            400,
            "malformed_publishable_key",
        ),
        ("frontend_api=a&use_domain_for_script=perhaps", 422, "form_param_format_invalid"),
    ],
)
def test_a_page_of_no_instance_is_refused(
    anybody: httpx.Client, query: str, status: int, code: str
) -> None:
    refused = anybody.get(f"/public/interstitial?{query}")

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (status, code)


def test_the_official_client_asks_for_it(clerk: Clerk, instance: InstanceInfo) -> None:
    clerk.miscellaneous.get_public_interstitial(publishable_key=instance.publishable_key)
