from typing import Any

import httpx
import jwt
import pytest
from clerk_backend_api import Clerk, models
from conftest import InstanceInfo

WHENEVER = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
MONTH_S = 32 * 24 * 3600


@pytest.fixture
def user(clerk: Clerk) -> models.User:
    return clerk.users.create(email_address=["ada@example.com"])


@pytest.fixture
def claims(bapi: httpx.Client, instance: InstanceInfo, user: models.User) -> Any:
    """Return what a fresh token of the user says."""

    def read() -> dict[str, Any]:
        session = bapi.post("/sessions", json={"user_id": user.id}).raise_for_status().json()
        token = bapi.post(f"/sessions/{session['id']}/tokens").raise_for_status().json()["jwt"]
        told: dict[str, Any] = jwt.decode(
            token, instance.public_key_pem, algorithms=["RS256"], options=WHENEVER
        )
        return told

    return read


def _plan(control: httpx.Client, **fields: object) -> dict[str, Any]:
    plan: dict[str, Any] = control.post("/billing/plans", json=fields).raise_for_status().json()
    return plan


def _subscribe(control: httpx.Client, payer_id: str, plan: dict[str, Any]) -> None:
    path = f"/billing/payers/{payer_id}/subscribe"
    control.post(path, json={"plan_id": plan["id"]}).raise_for_status()


def test_without_plans_tokens_say_nothing_of_them(claims: Any) -> None:
    assert not {"pla", "fea"} & set(claims())


def test_a_user_is_on_a_plan_and_has_its_features(
    claims: Any, control: httpx.Client, bapi: httpx.Client, user: models.User
) -> None:
    features = [{"name": "Cats", "slug": "cats"}, {"name": "Dogs", "slug": "dogs"}]
    pro = _plan(control, name="Pro", slug="pro", amount=1000, features=features)
    assert not {"pla", "fea"} & set(claims())
    bapi.get(f"/users/{user.id}/billing/subscription").raise_for_status()
    free = claims()
    assert (free["pla"], "fea" in free) == ("u:free_user", False)

    _subscribe(control, user.id, pro)

    assert (claims()["pla"], claims()["fea"]) == ("u:pro", "u:cats,u:dogs")
    (item,) = bapi.get("/billing/subscription_items").json()["data"]
    bapi.delete(f"/billing/subscription_items/{item['id']}").raise_for_status()
    assert claims()["pla"] == "u:pro"
    control.post("/clock/advance", json={"seconds": MONTH_S}).raise_for_status()
    assert claims()["pla"] == "u:free_user"


def test_a_plan_that_ran_out_unseen_is_told_no_more(
    claims: Any, control: httpx.Client, user: models.User
) -> None:
    control.put("/clock", json={"frozen": True}).raise_for_status()
    _plan(control, name="Free", slug="free", is_default=True)
    pro = _plan(control, name="Pro", slug="pro", amount=1000)
    _subscribe(control, user.id, pro)
    snapshot = control.get("/snapshot").json()
    for item in snapshot["state"]["billing_subscription_items"]:
        item["status"] = "canceled" if item["period_end"] else item["status"]
    snapshot["clock"]["now_ms"] += MONTH_S * 1000

    control.put("/snapshot", json=snapshot).raise_for_status()

    assert claims()["pla"] == "u:free"


def test_an_organization_has_only_the_permissions_that_its_plan_gives(
    claims: Any, control: httpx.Client, bapi: httpx.Client, clerk: Clerk, user: models.User
) -> None:
    for key in ("org:teams:read", "org:dashboard:manage"):
        permission = bapi.post(
            "/organization_permissions", json={"name": key, "key": key, "description": "x"}
        ).json()
        admin = bapi.get("/organization_roles?query=org:admin").json()["data"][0]
        bapi.post(f"/organization_roles/{admin['id']}/permissions/{permission['id']}")
    organization = clerk.organizations.create(request={"name": "Acme", "created_by": user.id})
    before = claims()
    assert set(before["fea"].split(",")) == {"o:teams", "o:dashboard"}
    assert "pla" not in before

    features = [{"name": "Teams", "slug": "teams"}, {"name": "Boats", "slug": "boats"}]
    pro = _plan(control, name="Pro", slug="pro", payer_type="org", amount=1000, features=features)
    _subscribe(control, organization.id, pro)

    told = claims()
    assert (told["pla"], told["fea"]) == ("o:pro", "o:teams,o:boats")
    assert (told["o"]["per"], told["o"]["fpm"]) == ("read", "1,0")
