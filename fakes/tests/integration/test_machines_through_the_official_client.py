import httpx
import pytest
from clerk_backend_api import Clerk
from clerk_backend_api.models import ClerkErrors, MachineCreated
from conftest import InstanceInfo

NOBODY = "mch_000000000000000000000000000"


def machine(clerk: Clerk, name: str, *scoped: str) -> MachineCreated:
    made = clerk.machines.create(request={"name": name, "scoped_machines": list(scoped)})
    assert made is not None
    return made


def works(instance: InstanceInfo, secret_key: str) -> bool:
    headers = {"authorization": f"Bearer {secret_key}"}
    answer = httpx.post(f"{instance.api_url}/m2m_tokens", json={}, headers=headers)
    assert answer.status_code in {201, 401}
    return answer.status_code == httpx.codes.CREATED


def test_a_machine_is_made_changed_listed_and_deleted(clerk: Clerk) -> None:
    mill = machine(clerk, "Mill")
    press = machine(clerk, "Press", mill.id)

    assert press.secret_key.startswith("ak_")
    assert press.secret_key != mill.secret_key
    assert [other.id for other in press.scoped_machines] == [mill.id]
    assert press.default_token_ttl == 3600

    got = clerk.machines.get(machine_id=press.id)
    assert got is not None
    assert {**got.model_dump(), "secret_key": press.secret_key} == press.model_dump()
    changed = clerk.machines.update(machine_id=press.id, name="Printer", default_token_ttl=60)
    assert changed is not None
    assert (changed.name, changed.default_token_ttl) == ("Printer", 60)
    assert changed.updated_at > changed.created_at
    listed = clerk.machines.list()
    assert listed is not None
    assert [each.id for each in listed.data] == [press.id, mill.id]
    deleted = clerk.machines.delete(machine_id=press.id)
    assert deleted is not None
    assert deleted.id == press.id
    with pytest.raises(ClerkErrors) as refusal:
        clerk.machines.get(machine_id=press.id)
    assert refusal.value.data.errors[0].code == "machine_not_found"


def test_machines_are_found_by_id_or_a_part_of_the_name_and_ordered(
    clerk: Clerk, bapi: httpx.Client
) -> None:
    ids = {name: machine(clerk, name).id for name in ("Mill", "Windmill", "Press")}

    def names(**query: str | int) -> list[str]:
        return [row["name"] for row in bapi.get("/machines", params=query).json()["data"]]

    assert names() == ["Press", "Windmill", "Mill"]
    assert names(query="MILL") == ["Windmill", "Mill"]
    assert names(query=ids["Press"]) == ["Press"]
    assert names(query=ids["Press"][:-1]) == []
    assert names(order_by="name") == ["Mill", "Press", "Windmill"]
    assert names(order_by="-name", limit=1, offset=1) == ["Press"]
    assert bapi.get("/machines?query=mill&limit=1").json()["total_count"] == 2


def test_a_scope_is_given_once_and_taken_once(clerk: Clerk) -> None:
    mill, press = machine(clerk, "Mill"), machine(clerk, "Press")

    scope = clerk.machines.create_scope(machine_id=mill.id, to_machine_id=press.id)
    assert scope is not None
    assert (scope.from_machine_id, scope.to_machine_id) == (mill.id, press.id)
    for status, other in ((409, press.id), (422, mill.id), (404, NOBODY)):
        with pytest.raises(ClerkErrors) as refusal:
            clerk.machines.create_scope(machine_id=mill.id, to_machine_id=other)
        assert refusal.value.status_code == status
    seen = clerk.machines.get(machine_id=mill.id)
    assert seen is not None
    assert [other.id for other in seen.scoped_machines] == [press.id]

    gone = clerk.machines.delete_scope(machine_id=mill.id, other_machine_id=press.id)
    assert gone is not None
    assert gone.DELETED
    with pytest.raises(ClerkErrors) as refusal:
        clerk.machines.delete_scope(machine_id=mill.id, other_machine_id=press.id)
    assert refusal.value.status_code == 404


def test_the_scopes_of_a_deleted_machine_are_gone_in_both_directions(
    clerk: Clerk, control: httpx.Client
) -> None:
    mill = machine(clerk, "Mill")
    press = machine(clerk, "Press", mill.id)
    clerk.machines.create_scope(machine_id=mill.id, to_machine_id=press.id)

    clerk.machines.delete(machine_id=press.id)

    seen = clerk.machines.get(machine_id=mill.id)
    assert seen is not None
    assert seen.scoped_machines == []
    assert control.get("/snapshot").json()["state"]["machine_scopes"] == []


def test_a_machine_has_at_most_150_scopes(bapi: httpx.Client) -> None:
    def create(**body: object) -> httpx.Response:
        return bapi.post("/machines", json=body)

    ids = [create(name=f"{number}").json()["id"] for number in range(151)]
    full = create(name="full", scoped_machines=ids[:150]).json()["id"]

    assert create(name="too full", scoped_machines=ids).status_code == 422
    refusal = bapi.post(f"/machines/{full}/scopes", json={"to_machine_id": ids[150]})
    assert refusal.status_code == 422
    assert len(bapi.get(f"/machines/{full}").json()["scoped_machines"]) == 150


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "a" * 256},
        {"name": 1},
        {"name": "a", "default_token_ttl": 0},
        {"name": "a", "default_token_ttl": 315_360_001},
        {"name": "a", "scoped_machines": [NOBODY]},
        {"name": "a", "scoped_machines": "all"},
        {"name": "a", "colour": "red"},
    ],
)
def test_a_senseless_machine_is_refused(bapi: httpx.Client, body: dict[str, object]) -> None:
    assert bapi.post("/machines", json=body).status_code == 422
    assert bapi.get("/machines").json()["total_count"] == 0


def test_a_replaced_key_stays_good_for_as_long_as_was_said(
    clerk: Clerk, instance: InstanceInfo, control: httpx.Client
) -> None:
    control.put("/clock", json={"frozen": True})
    mill = machine(clerk, "Mill")
    first = mill.secret_key
    shown = clerk.machines.get_secret_key(machine_id=mill.id)
    assert shown is not None
    assert shown.secret == first

    rotated = clerk.machines.rotate_secret_key(machine_id=mill.id, previous_token_ttl=60)
    assert rotated is not None
    assert rotated.secret != first
    assert works(instance, first)
    assert works(instance, rotated.secret)

    control.post("/clock/advance", json={"seconds": 59})
    third = clerk.machines.rotate_secret_key(machine_id=mill.id, previous_token_ttl=0)
    assert third is not None
    assert works(instance, first)
    assert not works(instance, rotated.secret)
    control.post("/clock/advance", json={"seconds": 1})
    assert not works(instance, first)
    assert works(instance, third.secret)


@pytest.mark.parametrize("body", [{}, {"previous_token_ttl": -1}, {"previous_token_ttl": 28_801}])
def test_an_overlap_of_keys_is_said_and_at_most_eight_hours(
    bapi: httpx.Client, body: dict[str, int]
) -> None:
    made = bapi.post("/machines", json={"name": "Mill"}).json()

    refusal = bapi.post(f"/machines/{made['id']}/secret_key/rotate", json=body)

    assert refusal.status_code == 422
    shown = bapi.get(f"/machines/{made['id']}/secret_key").json()
    assert shown["secret"] == made["secret_key"]


def test_the_key_of_a_deleted_machine_opens_nothing(clerk: Clerk, instance: InstanceInfo) -> None:
    mill = machine(clerk, "Mill")
    assert works(instance, mill.secret_key)

    clerk.machines.delete(machine_id=mill.id)

    assert not works(instance, mill.secret_key)


def test_the_key_of_a_machine_opens_nothing_but_m2m_tokens(
    clerk: Clerk, instance: InstanceInfo
) -> None:
    headers = {"authorization": f"Bearer {machine(clerk, 'Mill').secret_key}"}

    for path in ("/users", "/machines", "/jwks"):
        assert httpx.get(instance.api_url + path, headers=headers).status_code == 401


def test_keys_survive_a_snapshot_and_a_reset_forgets_them(
    clerk: Clerk, instance: InstanceInfo, control: httpx.Client
) -> None:
    mill = machine(clerk, "Mill")
    clerk.machines.rotate_secret_key(machine_id=mill.id, previous_token_ttl=60)
    snapshot = control.get("/snapshot").json()

    control.post("/reset")
    assert not works(instance, mill.secret_key)
    control.put("/snapshot", json=snapshot)
    assert works(instance, mill.secret_key)


def test_two_instances_of_one_seed_share_ids_but_no_secrets(http: httpx.Client) -> None:
    made = []
    for _ in range(2):
        info = http.post("/__fake__/instances", json={"seed": 7}).json()
        headers = {"authorization": f"Bearer {info['secret_key']}"}
        body = {"name": "Mill"}
        made.append(httpx.post(f"{info['api_url']}/machines", json=body, headers=headers).json())
        http.delete(f"/__fake__/instances/{info['instance_id']}")

    assert made[0]["id"] == made[1]["id"]
    assert made[0]["secret_key"] != made[1]["secret_key"]


def test_secrets_repeat_with_seed_and_secret_key(http: httpx.Client) -> None:
    made = []
    for _ in range(2):
        wanted = {"seed": 7, "secret_key": "sk_test_machines_repeat"}
        info = http.post("/__fake__/instances", json=wanted).json()
        headers = {"authorization": f"Bearer {info['secret_key']}"}
        body = {"name": "Mill"}
        made.append(httpx.post(f"{info['api_url']}/machines", json=body, headers=headers).json())
        http.delete(f"/__fake__/instances/{info['instance_id']}")

    assert made[0]["secret_key"] == made[1]["secret_key"]
