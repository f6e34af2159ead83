import httpx
import pytest
from clerk_backend_api import Clerk

# The client reads its own deprecated request fields whenever it builds a list request.
pytestmark = pytest.mark.filterwarnings(r"ignore:warning. \*\* DEPRECATED \*\*:DeprecationWarning")


def _code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["errors"][0]["code"]


@pytest.fixture
def production(control: httpx.Client) -> None:
    """The instance of this test is one in production."""
    control.patch("/settings", json={"general": {"environment": "production"}}).raise_for_status()


def test_every_instance_has_a_primary_domain(clerk: Clerk) -> None:
    (primary,) = clerk.domains.list().data

    assert primary.id.startswith("dmn_")
    assert not primary.is_satellite
    assert primary.frontend_api_url == f"https://{primary.name}"
    assert primary.accounts_portal_url == f"https://{primary.name.replace('.clerk.', '.')}"
    assert primary.cname_targets is None
    assert clerk.domains.list().data == [primary]


def test_a_satellite_comes_and_goes(clerk: Clerk, bapi: httpx.Client) -> None:
    added = clerk.domains.add(request={"name": "LocalHost:3000", "is_satellite": True})

    assert added is not None
    assert (added.name, added.is_satellite) == ("localhost:3000", True)
    assert added.accounts_portal_url is None
    assert clerk.domains.update(domain_id=added.id, name="localhost:3000").name == added.name
    renamed = clerk.domains.update(domain_id=added.id, name="localhost:3001")
    assert renamed.name == "localhost:3001"
    assert [domain.name for domain in clerk.domains.list().data][1:] == ["localhost:3001"]
    assert clerk.domains.delete(domain_id=added.id).deleted
    assert clerk.domains.list().total_count == 1
    assert _code(bapi.delete(f"/domains/{added.id}")) == (404, "resource_not_found")


@pytest.mark.usefixtures("production")
def test_a_production_domain_says_what_dns_needs(clerk: Clerk) -> None:
    added = clerk.domains.add(request={"name": "shop.example.org", "is_satellite": True})

    assert added is not None
    assert added.frontend_api_url == "https://clerk.shop.example.org"
    assert added.cname_targets is not None
    (alias,) = added.cname_targets
    assert (alias.host, alias.required) == ("clerk.shop.example.org", True)

    behind = clerk.domains.update(domain_id=added.id, proxy_url="https://shop.example.org/__clerk")
    assert behind.proxy_url == behind.frontend_api_url == "https://shop.example.org/__clerk"
    assert behind.cname_targets == []

    direct = clerk.domains.update(domain_id=added.id, proxy_url=None)
    assert direct.proxy_url is None
    assert direct.cname_targets == [alias]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "a.example.com"}, 422, "form_param_missing"),
        ({"name": "a.example.com", "is_satellite": False}, 422, "primary_domain_already_exists"),
        ({"name": "https://a.example.com", "is_satellite": True}, 422, "form_param_format_invalid"),
        ({"name": "-", "is_satellite": True}, 422, "form_param_format_invalid"),
        ({"name": "taken.example.com", "is_satellite": True}, 422, "home_url_taken"),
        (
            {"name": "a.example.com", "is_satellite": True, "proxy_url": "https://a.example.com"},
            400,
            "domain_update_forbidden",
        ),
    ],
)
def test_what_is_no_satellite_is_refused(
    bapi: httpx.Client, body: object, status: int, code: str
) -> None:
    taken = {"name": "taken.example.com", "is_satellite": True}
    bapi.post("/domains", json=taken).raise_for_status()

    assert _code(bapi.post("/domains", json=body)) == (status, code)
    assert bapi.get("/domains").json()["total_count"] == 2


@pytest.mark.usefixtures("production")
def test_a_production_instance_moves_and_everybody_is_signed_out(
    clerk: Clerk, control: httpx.Client
) -> None:
    user = clerk.users.create(email_address=["ada@example.com"])
    session = clerk.sessions.create(request={"user_id": user.id})

    clerk.instance_settings.change_domain(request={"home_url": "https://www.example.org/home"})

    (primary,) = clerk.domains.list().data
    assert primary.name == "example.org"
    assert primary.frontend_api_url == "https://clerk.example.org"
    assert primary.cname_targets is not None
    assert len(primary.cname_targets) == 5
    assert clerk.sessions.get(session_id=session.id).status.value == "revoked"
    assert control.get("/settings").json()["general"]["home_url"] == "https://www.example.org/home"

    clerk.beta_features.update_production_instance_domain(
        request={"home_url": "https://example.net"}
    )

    (moved,) = clerk.domains.list().data
    assert (moved.id, moved.name) == (primary.id, "example.net")


def test_a_development_instance_stays_where_it_is(bapi: httpx.Client) -> None:
    for refused in (
        bapi.post("/instance/change_domain", json={"home_url": "https://example.org"}),
        bapi.put("/beta_features/domain", json={"home_url": "https://example.org"}),
    ):
        assert _code(refused) == (400, "domain_update_forbidden")


@pytest.mark.usefixtures("production")
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "form_param_missing"),
        ({"home_url": "example.org"}, "form_param_format_invalid"),
        ({"home_url": "http://example.org"}, "insecure_url"),
        ({"home_url": "https://localhost"}, "form_param_format_invalid"),
        ({"home_url": "https://[::1"}, "form_param_format_invalid"),
        ({"home_url": "https://taken.example.com/a"}, "home_url_taken"),
        ({"home_url": "https://example.org", "when": "now"}, "form_param_unknown"),
    ],
)
def test_an_instance_does_not_move_to_nowhere(bapi: httpx.Client, body: object, code: str) -> None:
    taken = {"name": "taken.example.com", "is_satellite": True}
    bapi.post("/domains", json=taken).raise_for_status()
    before = bapi.get("/domains").json()

    assert _code(bapi.post("/instance/change_domain", json=body)) == (422, code)
    assert bapi.get("/domains").json() == before


@pytest.mark.usefixtures("production")
def test_renaming_the_primary_domain_moves_the_home(clerk: Clerk, control: httpx.Client) -> None:
    (primary,) = clerk.domains.list().data

    clerk.domains.update(domain_id=primary.id, name="example.org", is_secondary=True)

    assert control.get("/settings").json()["general"]["home_url"] == "https://example.org"


def test_the_primary_domain_cannot_be_deleted(bapi: httpx.Client) -> None:
    primary = bapi.get("/domains").json()["data"][0]

    refused = bapi.delete(f"/domains/{primary['id']}")

    assert _code(refused) == (403, "operation_not_allowed_on_primary_domain")


@pytest.mark.usefixtures("production")
def test_a_proxy_answers_unless_the_instance_is_told_otherwise(
    clerk: Clerk, bapi: httpx.Client, control: httpx.Client
) -> None:
    (primary,) = clerk.domains.list().data
    url = "https://example.org/__clerk"

    good = clerk.proxy_checks.verify(request={"domain_id": primary.id, "proxy_url": url})
    assert good is not None
    assert (good.successful, good.proxy_url, good.domain_id) == (True, url, primary.id)

    control.patch("/settings", json={"general": {"proxies_answer": False}}).raise_for_status()
    bad = clerk.proxy_checks.verify(request={"domain_id": primary.id, "proxy_url": url})
    assert bad is not None
    assert not bad.successful
    refused = bapi.patch(f"/domains/{primary.id}", json={"proxy_url": url})
    assert _code(refused) == (422, "invalid_proxy_configuration")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"proxy_url": "http://example.org"}, "insecure_url"),
        ({"proxy_url": "nowhere"}, "form_param_format_invalid"),
        ({"domain_id": "dmn_0"}, "form_resource_not_found"),
        ({"domain_id": None}, "form_param_missing"),
    ],
)
def test_what_cannot_be_checked_is_refused(
    bapi: httpx.Client, change: dict[str, object], code: str
) -> None:
    primary = bapi.get("/domains").json()["data"][0]
    body = {"domain_id": primary["id"], "proxy_url": "https://example.org"}

    assert _code(bapi.post("/proxy_checks", json=body | change)) == (422, code)


def test_domains_come_back_with_a_snapshot(clerk: Clerk, control: httpx.Client) -> None:
    clerk.domains.add(request={"name": "localhost:3000", "is_satellite": True})
    before = clerk.domains.list().data
    snapshot = control.get("/snapshot").json()
    control.post("/reset").raise_for_status()

    control.put("/snapshot", json=snapshot).raise_for_status()

    assert clerk.domains.list().data == before
