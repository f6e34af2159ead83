import httpx

NOW = 1_700_000_000_000


def test_a_lock_counts_down_and_runs_out_although_nothing_changes_the_user(
    bapi: httpx.Client, control: httpx.Client
) -> None:
    control.put("/clock", json={"now_ms": NOW, "frozen": True})
    user = bapi.post("/users", json={"username": "locked_one"}).json()
    path = f"/users/{user['id']}"
    assert bapi.get(path).json() == user

    bapi.post(f"{path}/lock")
    assert bapi.get(path).json()["lockout_expires_in_seconds"] == 3600
    control.post("/clock/advance", json={"seconds": 600})
    assert bapi.get(path).json()["lockout_expires_in_seconds"] == 3000
    control.post("/clock/advance", json={"seconds": 3000})

    after = bapi.get(path).json()
    assert (after["locked"], after["lockout_expires_in_seconds"]) == (False, None)
    assert bapi.get("/users").json() == [after]


def test_an_event_carries_what_the_answer_said(bapi: httpx.Client, control: httpx.Client) -> None:
    created = bapi.post("/users", json={"email_address": ["a@example.com"]}).json()
    changed = bapi.patch(f"/users/{created['id']}", json={"first_name": "Ann"}).json()

    messages = control.get("/messages").json()["data"]

    assert [message["object_id"] for message in messages] == [created["id"]] * 2
    assert [httpx.Response(200, text=m["payload"]).json()["data"] for m in messages] == [
        created,
        changed,
    ]
    assert bapi.get(f"/users/{created['id']}").json() == changed
