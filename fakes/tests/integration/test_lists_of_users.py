from typing import Any

import httpx
import pytest
from clerk_backend_api import Clerk

NOW_MS = 1_700_000_000_000


@pytest.fixture
def ids(bapi: httpx.Client, control: httpx.Client) -> list[str]:
    """Seven users, oldest first, most of them of one millisecond."""
    control.put("/clock", json={"now_ms": NOW_MS, "frozen": True})
    made = []
    for number in range(7):
        if number == 5:
            control.post("/clock/advance", json={"seconds": 1})
        body = {"username": f"user_{number}", "first_name": "Ada", "last_name": f"L{9 - number}"}
        made.append(bapi.post("/users", json=body).raise_for_status().json()["id"])
    return made


def listed(bapi: httpx.Client, **query: Any) -> list[str]:
    answer = bapi.get("/users", params=query).raise_for_status()
    return [user["id"] for user in answer.json()]


def refusal(bapi: httpx.Client, **query: Any) -> tuple[int, str]:
    answer = bapi.get("/users", params=query)
    return answer.status_code, answer.json()["errors"][0]["code"]


@pytest.mark.parametrize("order", [None, "-created_at", "+created_at", "created_at"])
def test_a_cursor_walks_over_everybody_once(
    bapi: httpx.Client, ids: list[str], order: str | None
) -> None:
    order_by: dict[str, Any] = {} if order is None else {"order_by": order}
    query = {"limit": 2, **order_by}
    walked: list[str] = []
    while len(walked) < len(ids) and (page := listed(bapi, **query)):
        walked += page
        query["starting_after"] = page[-1]

    falling = order is None or order.startswith("-")
    assert walked == (ids[::-1] if falling else ids)
    assert listed(bapi, **{**query, "starting_after": walked[-1]}) == []


def test_a_cursor_goes_with_filters(bapi: httpx.Client, ids: list[str]) -> None:
    bapi.post(f"/users/{ids[3]}/ban")

    assert listed(bapi, banned=False, starting_after=ids[4], limit=2) == [ids[2], ids[1]]
    names = ["user_1", "user_3", "user_5"]
    assert listed(bapi, username=names, starting_after=ids[3]) == [ids[1]]
    assert listed(bapi, username=names, starting_after=ids[4]) == [ids[3], ids[1]]
    rising = {"username": names, "order_by": "created_at"}
    assert listed(bapi, **rising) == [ids[1], ids[3], ids[5]]
    assert listed(bapi, **rising, starting_after=ids[1]) == [ids[3], ids[5]]


def test_a_cursor_that_makes_no_sense_is_refused(bapi: httpx.Client, ids: list[str]) -> None:
    wrong = (422, "form_param_value_invalid")

    assert refusal(bapi, starting_after=ids[0], order_by="username") == wrong
    assert refusal(bapi, starting_after=ids[0], offset=1) == wrong
    assert refusal(bapi, starting_after="user_1") == (404, "resource_not_found")
    assert listed(bapi, starting_after=ids[1], offset=0) == [ids[0]]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("username", [0, 1, 2]),
        ("-username", [6, 5, 4]),
        ("last_name", [6, 5, 4]),
        ("+last_name", [6, 5, 4]),
        ("-updated_at", [2, 6, 5]),
        ("-last_sign_in_at", [4, 2]),
        ("-last_active_at", [2, 4]),
    ],
)
def test_everybody_can_be_ordered(
    bapi: httpx.Client, control: httpx.Client, ids: list[str], order: str, expected: list[int]
) -> None:
    for number in (2, 4):
        control.post("/clock/advance", json={"seconds": 86_400})
        bapi.post("/sessions", json={"user_id": ids[number]}).raise_for_status()
    control.post("/clock/advance", json={"seconds": 86_400})
    bapi.patch(f"/users/{ids[2]}", json={"first_name": "Bea"})
    session = control.post("/sessions", json={"user_id": ids[4]}).json()
    if order == "-last_active_at":
        control.post("/clock/advance", json={"seconds": 86_400})
        other = bapi.get("/sessions", params={"user_id": ids[2]}).json()[0]
        control.post(f"/sessions/{other['id']}/touch", json={}).raise_for_status()
    assert session["status"] == "active"

    found = listed(bapi, order_by=order, limit=len(expected))

    assert found == [ids[number] for number in expected]


@pytest.mark.parametrize("order", ["nonsense", "+-username", "--username", ""])
def test_an_unknown_order_is_refused(bapi: httpx.Client, order: str) -> None:
    answer = bapi.get("/users", params={"order_by": order})

    assert answer.status_code == (422 if order else 200)


def test_signs_include_and_exclude(bapi: httpx.Client, clerk: Clerk, ids: list[str]) -> None:
    for number in range(3):
        bapi.patch(f"/users/{ids[number]}", json={"external_id": f"e{number}"})
    acme = clerk.organizations.create(request={"name": "Acme", "created_by": ids[0]}).id
    club = clerk.organizations.create(request={"name": "Club", "created_by": ids[1]}).id
    bapi.post(
        f"/organizations/{club}/memberships", json={"user_id": ids[0], "role": "org:member"}
    ).raise_for_status()

    assert listed(bapi, external_id=["+e0", "e1"]) == [ids[1], ids[0]]
    assert listed(bapi, external_id=["e0", "e1", "-e1"]) == [ids[0]]
    assert listed(bapi, user_id=[f"-{each}" for each in ids[1:]]) == [ids[0]]
    assert listed(bapi, organization_id=club) == [ids[1], ids[0]]
    assert listed(bapi, organization_id=[f"+{club}", f"-{acme}"]) == [ids[1]]
    assert listed(bapi, organization_id=f"-{club}") == ids[:1:-1]
    count = bapi.get("/users/count", params={"organization_id": [acme, club]}).json()
    assert count["total_count"] == 2


def test_activity_is_known_by_the_day(bapi: httpx.Client, ids: list[str]) -> None:
    bapi.post("/sessions", json={"user_id": ids[3]}).raise_for_status()
    day = NOW_MS - NOW_MS % 86_400_000

    assert bapi.get(f"/users/{ids[3]}").json()["last_active_at"] == day
    assert listed(bapi, last_active_at_since=day) == [ids[3]]
    assert listed(bapi, last_active_at_after=day) == []
    assert listed(bapi, last_active_at_before=day + 1) == [ids[3]]
