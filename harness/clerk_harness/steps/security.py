"""Somebody who is not Clerk sends webhooks, and somebody who knows the secret sends rubbish."""

from collections.abc import Mapping

import orjson
from pytest_bdd import parsers, then, when

from clerk_harness.forgery import delivery_headers, forged_headers
from clerk_harness.story import Story
from clerk_report.evidence import Evidence

__all__: list[str] = []

_BODIES: Mapping[str, bytes] = {
    "an empty body": b"",
    "a body that is not JSON": b'{"type": "user.created", "data": ',
    "a body that is not UTF-8": b'{"type": "user.created", "data": {"id": "\xff\xfe"}}',
    "a JSON list": b"[1, 2, 3]",
    "an object without a type": b'{"data": {"id": "user_x"}, "object": "event"}',
    "a megabyte of text": b'{"type": "user.created", "data": "' + b"x" * 1_000_000 + b'"}',
}


@when(parsers.re(r'somebody sends a deletion of "(?P<name>[^"]+)" with (?P<kind>.+)'))
def sends_a_forged_deletion(clerk_story: Story, name: str, kind: str) -> None:
    """A body that would do harm, under headers that Clerk did not make."""
    data = {"id": clerk_story.people[name].id, "object": "user", "deleted": True}
    body = orjson.dumps({"type": "user.deleted", "object": "event", "data": data})
    other = clerk_story.registration_of(name)
    secret = clerk_story.clerk.keys.webhook_secret
    clerk_story.intrude(name, body, forged_headers(kind, secret=secret, body=body, other=other))


@when(parsers.parse('somebody sends the captured registration of "{name}" again'))
def replays(clerk_story: Story, name: str) -> None:
    """The same bytes under the same headers, while the signature is still fresh."""
    message = clerk_story.registration_of(name)
    body = message.payload.encode()
    headers = delivery_headers(clerk_story.clerk.keys.webhook_secret, message.id, body)
    clerk_story.intrude(name, body, headers)
    clerk_story.intrude(name, body, headers)


@when(parsers.re(r"somebody who knows the secret sends (?P<what>.+)"))
def sends_rubbish(clerk_story: Story, what: str) -> None:
    """Rubbish with a good signature, so that nothing but the body can be refused."""
    body = _BODIES[what]
    message_id = f"msg_rubbish{clerk_story.label}"
    secret = clerk_story.clerk.keys.webhook_secret
    clerk_story.intrude("Ada", body, delivery_headers(secret, message_id, body))


@then("it is refused with 4xx")
def refused_with_4xx(clerk_story: Story) -> None:
    """Neither obeyed nor a crash."""
    status = clerk_story.last_answer().status_code
    clerk_story.add(
        Evidence(
            claim="what was sent is refused",
            verdict="pass" if 400 <= status < 500 else "fail",  # noqa: PLR2004 - HTTP's 4xx
            observed=str(status),
            expected="4xx",
        )
    )


@then(parsers.parse('"{name}" is as she was'))
def is_as_she_was(clerk_story: Story, name: str) -> None:
    """The local row is the one from before, and still Clerk's."""
    after = clerk_story.probe.user(clerk_story.people[name].id)
    same = after == clerk_story.before
    clerk_story.add(
        Evidence(
            claim=f"{name}'s local row is as it was",
            verdict="pass" if same else "fail",
            observed="equal" if same else f"{after} instead of {clerk_story.before}",
        )
    )
