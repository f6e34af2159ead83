import json
import re
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from servers import refusal_of, running

from clerk_fake.seeding.sections import SECTIONS, Section

PAGE = (Path(__file__).parents[3] / "docs" / "seed.md").read_text("utf-8")
EXAMPLE = PAGE.split("```yaml\n")[1].split("```")[0]


def _seed(control: httpx.Client, text: str) -> httpx.Response:
    return control.post("/seed", content=text.encode())


def _problems(answer: httpx.Response) -> list[tuple[int, str]]:
    assert answer.status_code == 422
    return [
        (error["meta"]["line"], error["meta"]["param_name"]) for error in answer.json()["errors"]
    ]


def test_the_documented_example_is_made_as_it_stands(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    answer = _seed(control, EXAMPLE)

    assert answer.status_code == 201, answer.text
    handles = answer.json()["handles"]
    ada = bapi.get(f"/users/{handles['users']['ada']}").json()
    assert [email["email_address"] for email in ada["email_addresses"]] == [
        "ada@example.com",
        "ada@work.example.com",
        "ada@gmail.example.com",
    ]
    assert [account["provider"] for account in ada["external_accounts"]] == ["oauth_google"]
    assert [passkey["object"] for passkey in ada["passkeys"]] == ["passkey"]
    subscription = bapi.get(f"/users/{ada['id']}/billing/subscription").json()
    assert "pro" in [item["plan"]["slug"] for item in subscription["subscription_items"]]
    numbers = [phone["phone_number"] for phone in ada["phone_numbers"]]
    assert numbers == ["+15555550100", "+15555550101"]
    assert ada["private_metadata"] == {"crm": {"id": 7, "tags": ["founder"]}}
    verified = bapi.post(
        f"/users/{ada['id']}/verify_password", json={"password": "analytical engine"}
    )
    assert verified.json() == {"verified": True}
    grace = bapi.get(f"/users/{handles['users']['grace']}").json()
    assert grace["external_id"] == "1906"
    assert bapi.get("/users", params={"banned": True}).json()[0]["banned"]
    session = bapi.get(f"/sessions/{handles['sessions']['at_home']}").json()
    assert session["user_id"] == ada["id"]
    engines = handles["organizations"]["engines"]
    assert session["last_active_organization_id"] == engines
    members = bapi.get(f"/organizations/{engines}/memberships").json()["data"]
    roles = {member["public_user_data"]["user_id"]: member["role"] for member in members}
    assert roles == {ada["id"]: "org:admin", grace["id"]: "org:auditor"}
    invited = bapi.get(f"/organizations/{engines}/invitations").json()["data"]
    assert [each["email_address"] for each in invited] == ["charles@example.com"]
    domains = bapi.get(f"/organizations/{engines}/domains").json()["data"]
    assert [each["name"] for each in domains] == ["engines.example.com"]
    role = bapi.get(f"/organization_roles/{handles['roles']['auditor']}").json()
    assert [permission["key"] for permission in role["permissions"]] == ["org:books:read"]
    machine = bapi.get(f"/machines/{handles['machines']['mill']}").json()
    assert [other["name"] for other in machine["scoped_machines"]] == ["store"]
    token = bapi.post(f"/sessions/{session['id']}/tokens/hasura").json()["jwt"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["role"], claims["mail"]) == ("editor", "ada@example.com")
    kiosk = bapi.get(f"/oauth_applications/{handles['oauth_applications']['kiosk']}").json()
    assert kiosk["redirect_uris"] == ["https://kiosk.example.com/callback"]
    keys = bapi.get("/api_keys", params={"subject": ada["id"]}).json()["data"]
    assert [key["name"] for key in keys] == ["Ada's key"]
    assert bapi.get("/waitlist_entries").json()["data"][0]["email_address"] == "wait@example.com"
    assert control.get("/settings").json()["general"]["sign_up_mode"] == "waitlist"
    assert control.get("/clock").json()["now_ms"] - 1767225600000 < 60_000
    (endpoint,) = control.get("/endpoints").json()["data"]
    types = [message["event_type"] for message in control.get("/messages").json()["data"]]
    wanted = [each for each in types if each in endpoint["event_types"]]
    assert set(wanted) == set(endpoint["event_types"]) - {"user.deleted"}
    assert len(wanted) < len(types)
    assert control.get("/deliveries").json()["pending"] == len(wanted)


def test_json_says_the_same_as_yaml(bapi: httpx.Client, control: httpx.Client) -> None:
    seed = {
        "users": [{"handle": "zoë", "first_name": "Zoë 😀", "username": "zoe_z"}],
        "sessions": [{"user": "zoë"}],
    }

    answer = _seed(control, json.dumps(seed, indent="\t"))

    assert answer.status_code == 201, answer.text
    user = bapi.get(f"/users/{answer.json()['handles']['users']['zoë']}").json()
    assert user["first_name"] == "Zoë 😀"
    assert bapi.get("/sessions", params={"user_id": user["id"]}).json()


@pytest.mark.parametrize("text", ["", "# nothing\n", "{}", "users:\n", "users: []"])
def test_a_seed_of_nothing_makes_nothing(control: httpx.Client, text: str) -> None:
    answer = _seed(control, text)

    assert answer.status_code == 201
    assert answer.json()["handles"] == {}
    assert control.get("/messages").json()["data"] == []


WRONG = """\
users:
  - handle: ada
    email_address: not an address
  - handle: bob
    username: bob_b
  - handle: cy
    user_name: cy_c
    first_name: Cy
  - handle: bob
    username: bobby
  - {}
  - username: dodo
    email_addresses:
      - email_address: ok@example.com
        verified: maybe
  - just text
sessions:
  - ada
  - dora
  - {user: bob, user_id: user_1}
  - {user: 7}
redirect_urls: my-app://callback
clock:
  now_ms: soon
shoes: []
"""


def test_everything_that_is_wrong_is_told_at_once_with_line_and_field(
    control: httpx.Client,
) -> None:
    assert _problems(_seed(control, WRONG)) == [
        (3, "users[0].email_address"),
        (7, "users[2].user_name"),
        (9, "users[3].handle"),
        (11, "users[4]"),
        (15, "users[5].email_addresses[0].verified"),
        (16, "users[6]"),
        (19, "sessions[1].user"),
        (21, "sessions[3].user"),
        (22, "redirect_urls"),
        (24, "clock.now_ms"),
        (25, "shoes"),
    ]


def test_nothing_is_made_when_anything_is_wrong(control: httpx.Client, http: httpx.Client) -> None:
    before = control.get("/snapshot").json()
    instances = http.get("/__fake__/instances").json()["data"]

    _problems(_seed(control, EXAMPLE + "\nshoes: []\n"))

    after = control.get("/snapshot").json()
    for reading in (before, after):
        reading.pop("clock")
    assert after == before
    assert len(http.get("/__fake__/instances").json()["data"]) <= len(instances) + 50


def test_a_seed_may_refer_to_what_was_there_before_and_clash_with_it(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    user = bapi.post("/users", json={"username": "ada_l"}).json()

    assert _seed(control, f"sessions: [{user['id']}]").status_code == 201
    assert _problems(_seed(control, "users:\n- {username: ada_l}")) == [(2, "users[0].username")]
    nobody = "user_" + "0" * 27
    assert _problems(_seed(control, f"sessions:\n- {nobody}")) == [(2, "sessions[0]")]
    assert _problems(_seed(control, "sessions:\n- handle: x")) == [(2, "sessions[0].user")]


@pytest.mark.parametrize("text", ["users", "[]", "users: {a: b}", "- users", "\x00", "a: b: c"])
def test_what_is_no_seed_is_refused(control: httpx.Client, text: str) -> None:
    assert _problems(_seed(control, text))


def test_text_that_is_no_utf_8_is_refused(control: httpx.Client) -> None:
    assert control.post("/seed", content=b"users: [\xff]").status_code == 422


def test_rate_limits_do_not_count_for_a_seed_but_the_quota_of_users_does(
    control: httpx.Client,
) -> None:
    control.put("/limits", json={"users": 3, "requests_per_10s": 1})
    users = "users:\n" + "".join(f"- {{username: user{number}}}\n" for number in range(4))

    assert _problems(_seed(control, users)) == [(5, "users[3]")]
    assert _seed(control, users.replace("- {username: user3}\n", "")).status_code == 201


def test_the_same_seed_in_instances_of_the_same_seed_gives_the_same_ids(http: httpx.Client) -> None:
    handles = []
    for tries in ([EXAMPLE], [WRONG, EXAMPLE]):
        made = http.post("/__fake__/instances", json={"seed": 5}).json()
        path = f"/__fake__/instances/{made['instance_id']}"
        answers = [http.post(f"{path}/seed", content=text.encode()) for text in tries]
        handles.append(answers[-1].json()["handles"])
        http.delete(path)

    assert handles[0] == handles[1]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "seed.yaml"
    path.write_text(EXAMPLE, "utf-8")
    return path


def test_a_server_starts_with_what_its_seed_file_declares(file: Path) -> None:
    with running("--seed-file", str(file)) as server:
        ada = server.ready["handles"]["users"]["ada"]
        assert server.get(f"/v1/users/{ada}")["first_name"] == "Ada"
        assert len(server.get("/v1/users")) == 3


def test_a_state_file_is_sown_once(file: Path, tmp_path: Path) -> None:
    options = ("--seed-file", str(file), "--state", str(tmp_path / "clerk.state"))
    with running(*options) as server:
        server.ask("DELETE", f"/v1/users/{server.ready['handles']['users']['ada']}")
        server.kill()

    with running(*options) as server:
        assert "handles" not in server.ready
        assert len(server.get("/v1/users")) == 2


def test_a_wrong_seed_file_leaves_a_state_file_that_can_still_be_sown(
    file: Path, tmp_path: Path
) -> None:
    options = ("--seed-file", str(file), "--state", str(tmp_path / "clerk.state"))
    file.write_text("users: [{}]", "utf-8")
    refusal_of(*options)
    file.write_text(EXAMPLE, "utf-8")

    with running(*options) as server:
        assert len(server.get("/v1/users")) == 3


def test_a_wrong_seed_file_is_told_line_by_line_with_exit_code_3(file: Path) -> None:
    file.write_text(WRONG, "utf-8")

    told = refusal_of("--seed-file", str(file), lines=11).splitlines()

    assert told[0].startswith(f"clerk_fake: {file}:3: users[0].email_address: ")
    assert told[-1].startswith(f"clerk_fake: {file}:25: shoes: must be one of ")


def test_a_seed_file_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    assert "cannot be read" in refusal_of("--seed-file", str(tmp_path / "nowhere.yaml"))
    binary = tmp_path / "seed.bin"
    binary.write_bytes(b"\xff\xfe")
    assert "UTF-8" in refusal_of("--seed-file", str(binary))


def _rows(sections: tuple[Section, ...], around: str = "") -> Any:
    for section in sections:
        operation = section.operation
        plain = f"`{section.plain}`" if section.plain else ""
        refs = ", ".join(f"`{name}`" for name in section.refs)
        name, made = f"`{around}{section.name}`", f"`{operation.method} {operation.path}`"
        yield " ".join(f"| {name} | {made} | {plain} | {refs} |".split())
        yield from _rows(section.children, f"{around}{section.name}[].")


def test_every_section_is_offered() -> None:
    for section in SECTIONS:
        assert section.offered, section.name
        for inside in section.children:
            assert inside.offered, f"{section.name}.{inside.name}"


def test_the_documented_table_is_that_of_the_code() -> None:
    table = PAGE.split("## What may be declared")[1].split("\n\n")[2]
    documented = [" ".join(row.split()) for row in table.splitlines()[2:]]

    assert documented == list(_rows(SECTIONS))
    assert re.search(r"[^|]*".join(f"`{s.name}`" for s in SECTIONS if s.once), PAGE)
