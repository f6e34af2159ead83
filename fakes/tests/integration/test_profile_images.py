import httpx
import pytest
from clerk_backend_api import Clerk, models
from conftest import InstanceInfo

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
GIF = b"GIF89a" + bytes(100)
LARGEST = 10 * 1024 * 1024


@pytest.fixture
def user(clerk: Clerk) -> models.User:
    created = clerk.users.create(email_address=["ada@example.com"])
    assert created is not None
    return created


def upload(bapi: httpx.Client, user: models.User, *file: object) -> httpx.Response:
    return bapi.post(f"/users/{user.id}/profile_image", files={"file": file})


def test_a_profile_image_set_by_the_official_client_is_served_by_the_fake(
    clerk: Clerk, user: models.User, http: httpx.Client
) -> None:
    changed = clerk.users.set_profile_image(
        user_id=user.id,
        file={"file_name": "ada.png", "content": PNG, "content_type": "image/png"},
    )

    assert changed.has_image
    shown = http.get(changed.image_url)
    assert shown.content == PNG
    assert shown.headers["content-type"] == "image/png"
    assert clerk.users.get(user_id=user.id).image_url == changed.image_url


def test_a_new_profile_image_takes_the_place_of_the_old_one(
    bapi: httpx.Client, user: models.User, http: httpx.Client
) -> None:
    answer = upload(bapi, user, "a.png", PNG, "image/png").json()
    assert answer["profile_image_url"] == answer["image_url"]
    first = answer["image_url"]
    second = upload(bapi, user, "b.gif", GIF, "image/gif").json()["image_url"]

    assert second != first
    assert http.get(second).content == GIF
    assert http.get(first).json()["errors"][0]["code"] == "image_not_found"


def test_a_deleted_profile_image_is_gone_and_deleting_it_again_changes_nothing(
    clerk: Clerk, bapi: httpx.Client, user: models.User, http: httpx.Client
) -> None:
    url = upload(bapi, user, "a.png", PNG, "image/png").json()["image_url"]

    once = clerk.users.delete_profile_image(user_id=user.id)
    twice = clerk.users.delete_profile_image(user_id=user.id)

    assert not once.has_image
    assert once.image_url != url
    assert once == twice
    assert http.get(url).status_code == 404


def test_the_image_of_a_deleted_user_is_gone(
    bapi: httpx.Client, user: models.User, http: httpx.Client
) -> None:
    url = upload(bapi, user, "a.png", PNG, "image/png").json()["image_url"]

    bapi.delete(f"/users/{user.id}").raise_for_status()

    assert http.get(url).status_code == 404


def test_an_image_survives_a_snapshot_and_is_served_by_the_instance_that_got_it(
    bapi: httpx.Client, user: models.User, control: httpx.Client, http: httpx.Client
) -> None:
    upload(bapi, user, "a.png", PNG, "image/png")
    snapshot = control.get("/snapshot").json()
    other = InstanceInfo(**http.post("/__fake__/instances").json())

    http.put(f"/__fake__/instances/{other.instance_id}/snapshot", json=snapshot).raise_for_status()

    headers = {"authorization": f"Bearer {other.secret_key}"}
    url = httpx.get(f"{other.api_url}/users/{user.id}", headers=headers).json()["image_url"]
    assert other.instance_id in url
    assert http.get(url).content == PNG


@pytest.mark.parametrize(
    ("file", "status", "code"),
    [
        (("a.png", b"", "image/png"), 400, "form_param_missing"),
        (("a.svg", b"<svg/>", "image/svg+xml"), 400, "request_body_invalid"),
        (("a.png", b"not a png at all", "image/png"), 400, "request_body_invalid"),
        (("a.png", PNG + bytes(LARGEST), "image/png"), 413, "image_too_large"),
        (("a.png", PNG + bytes(3 * LARGEST), "image/png"), 413, "request_body_too_large"),
    ],
)
def test_what_is_no_image_is_refused_in_clerks_words(
    bapi: httpx.Client, user: models.User, file: tuple[object, ...], status: int, code: str
) -> None:
    answer = upload(bapi, user, *file)

    assert answer.status_code == status
    assert answer.json()["errors"][0]["code"] == code
    assert not bapi.get(f"/users/{user.id}").json()["has_image"]


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("", b"x", 415),
        ("multipart/form-data", b"x", 400),
        ("multipart/form-data; boundary=b", b"--c\r\n", 400),
        ("multipart/form-data; boundary=b", b"--b\r\nx\r\n\r\n\r\n--b--", 400),
        ("multipart/form-data; boundary=b", b"--b\r\nx: y\r\n\r\n", 400),
        ("multipart/form-data; boundary=" + "b" * 300, b"--b", 400),
        ("multipart/form-data; boundary=b", b"", 400),
    ],
)
def test_what_is_no_upload_is_refused(
    bapi: httpx.Client, user: models.User, content_type: str, body: bytes, status: int
) -> None:
    answer = bapi.post(
        f"/users/{user.id}/profile_image", content=body, headers={"content-type": content_type}
    )

    assert answer.status_code == status
    assert "code" in answer.json()["errors"][0]


def test_an_upload_of_very_many_parts_is_refused(bapi: httpx.Client, user: models.User) -> None:
    def answer(parts: int) -> httpx.Response:
        files = [(f"part{number}", (None, b"x")) for number in range(parts - 1)]
        files.append(("file", ("a.png", PNG, "image/png")))
        return bapi.post(f"/users/{user.id}/profile_image", files=files)

    assert answer(101).status_code == 400
    assert answer(100).is_success
