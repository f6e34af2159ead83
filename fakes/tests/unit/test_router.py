import pytest

from clerk_fake.bapi import user_reading
from clerk_fake.bapi.routes import ROUTES
from clerk_fake.errors import ApiError
from clerk_fake.http.request import Request
from clerk_fake.http.response import Response
from clerk_fake.http.router import Handler, Route, Router


def _handler(status: int) -> Handler:
    def answer(_request: Request) -> Response:
        return Response(status, b"")

    return answer


COUNT, ONE, TEMPLATE = _handler(201), _handler(202), _handler(203)
FIRST = [Route("GET", "/v1/users", ONE)]
ROUTER = Router(
    [
        Route("GET", "/v1/users/count", COUNT),
        Route("GET", "/v1/users/{user_id}", ONE),
        Route("POST", "/v1/sessions/{session_id}/tokens/{template_name}", TEMPLATE),
    ]
)


def test_fixed_segments_win_over_variable_ones() -> None:
    assert ROUTER.match("GET", "/v1/users/count").route.handler is COUNT
    match = ROUTER.match("GET", "/v1/users/user_1")
    assert match.route.handler is ONE
    assert match.params == {"user_id": "user_1"}


def test_every_variable_segment_is_named() -> None:
    match = ROUTER.match("POST", "/v1/sessions/s/tokens/t")

    assert match.params == {"session_id": "s", "template_name": "t"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/users", 404),
        ("GET", "/v1/users/1/2", 404),
        ("GET", "/v1/users/", 404),
        ("GET", "/v1/users/count/", 404),
        ("POST", "/v1/sessions//tokens/t", 404),
        ("GET", "/", 404),
        ("POST", "/v1/users/count", 405),
    ],
)
def test_what_is_not_there_is_refused(method: str, path: str, status: int) -> None:
    with pytest.raises(ApiError) as refusal:
        ROUTER.match(method, path)

    assert refusal.value.status == status


def test_two_routes_of_one_shape_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="two routes"):
        Router([Route("GET", "/a/{x}", ONE), Route("GET", "/a/{y}", ONE)])


def test_routes_that_come_later_are_asked_for_when_none_of_the_first_fits_and_only_once() -> None:
    asked: list[int] = []

    def later() -> list[Route[Handler]]:
        asked.append(1)
        return [*FIRST, Route("POST", "/v1/users", TEMPLATE), Route("GET", "/v1/more", COUNT)]

    for method, path, handler in (
        ("POST", "/v1/users", TEMPLATE),  # 405 among the first ones
        ("GET", "/v1/more", COUNT),  # 404 among the first ones
    ):
        asked.clear()
        router = Router(FIRST, later)
        assert router.match("GET", "/v1/users").route.handler is ONE
        assert not asked
        assert router.match(method, path).route.handler is handler
        with pytest.raises(ApiError):
            router.match("GET", "/v1/nothing")
        assert asked == [1]


def test_what_is_known_at_once_answers_nothing_that_is_meant_for_a_later_room() -> None:
    first = {(route.method, route.path) for route in user_reading.ROUTES}
    router = Router([route.answered_by(ONE) for route in user_reading.ROUTES])
    for route in ROUTES:
        if (route.method, route.path) not in first:
            with pytest.raises(ApiError):
                router.match(route.method, route.path.replace("{", "").replace("}", ""))
