import httpx
import pytest
from clerk_backend_api import Clerk
from clerk_backend_api.models import ClerkErrors

# The client reads its own deprecated request fields whenever it builds a list request.
pytestmark = pytest.mark.filterwarnings(r"ignore:warning. \*\* DEPRECATED \*\*:DeprecationWarning")


def test_a_redirect_url_comes_and_goes(clerk: Clerk) -> None:
    created = clerk.redirect_urls.create(request={"url": "my-app://callback"})

    assert created.id.startswith("ru_")
    assert clerk.redirect_urls.get(id=created.id) == created
    assert clerk.redirect_urls.list() == [created]
    assert clerk.redirect_urls.delete(id=created.id).deleted
    assert clerk.redirect_urls.list() == []
    with pytest.raises(ClerkErrors) as refusal:
        clerk.redirect_urls.get(id=created.id)
    assert refusal.value.status_code == 404


def test_a_redirect_url_is_on_the_list_once(clerk: Clerk) -> None:
    clerk.redirect_urls.create(request={"url": "https://my-app.com/callback"})

    with pytest.raises(ClerkErrors) as refusal:
        clerk.redirect_urls.create(request={"url": "https://my-app.com/callback"})

    assert refusal.value.data.errors[0].code == "duplicate_record"


@pytest.mark.parametrize("url", ["", "callback", "https://", "://x", "http://a b"])
def test_what_is_no_absolute_url_is_refused(bapi: httpx.Client, url: str) -> None:
    assert bapi.post("/redirect_urls", json={"url": url}).status_code == 422


def test_a_list_is_cut_ordered_and_counted(bapi: httpx.Client) -> None:
    for number in range(12):
        bapi.post("/redirect_urls", json={"url": f"app://{number}"}).raise_for_status()

    newest = bapi.get("/redirect_urls").json()
    page = bapi.get("/redirect_urls?paginated=true&limit=3&offset=1&order_by=created_at").json()

    assert [row["url"] for row in newest] == [f"app://{number}" for number in range(11, 1, -1)]
    assert page["total_count"] == 12
    assert [row["url"] for row in page["data"]] == ["app://1", "app://2", "app://3"]
    assert bapi.get("/redirect_urls?order_by=url").status_code == 422
    assert bapi.get("/redirect_urls?limit=501").status_code == 422
