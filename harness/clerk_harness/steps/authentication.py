"""People show session tokens, genuine ones and others."""

from pytest_bdd import given, parsers, then, when

from clerk_harness.forgery import FORGED_TOKENS
from clerk_harness.story import Story
from clerk_report.evidence import Evidence

__all__: list[str] = []


@given(parsers.parse('"{name}" holds a valid token that lets her in'))
def holds_a_token(clerk_story: Story, name: str) -> None:
    """Keep a token that works now, for later."""
    clerk_story.tokens[name] = valid_token(clerk_story, name)
    let_in(clerk_story, name, clerk_story.tokens[name])


@when(parsers.parse('"{name}" shows a valid token'))
def shows_a_valid_token(clerk_story: Story, name: str) -> None:
    """A fresh session, a fresh token."""
    clerk_story.tokens[name] = valid_token(clerk_story, name)


@then(parsers.parse('"{name}" is let in as herself'))
@then(parsers.parse('a valid token still lets "{name}" in'))
def is_let_in(clerk_story: Story, name: str) -> None:
    """The answer is hers, not just some 200."""
    let_in(clerk_story, name, valid_token(clerk_story, name))


@when(parsers.re(r'"(?P<name>[^"]+)" shows (?P<kind>(?!a valid token).+)'))
def shows_a_forged_token(clerk_story: Story, name: str, kind: str) -> None:
    """Forge the token and show it."""
    session_id = clerk_story.clerk.sessions.create(clerk_story.people[name])
    clerk_story.answer = clerk_story.deployment.protected(
        FORGED_TOKENS[kind](clerk_story.clerk, session_id)
    )


@then(parsers.parse('"{name}" is refused with {status:d}'))
def is_refused(clerk_story: Story, name: str, status: int) -> None:
    """Refused, and nothing of hers in the answer."""
    refused(clerk_story, name, {status})


@then(parsers.parse('the token that "{name}" still holds is refused'))
def held_token_is_refused(clerk_story: Story, name: str) -> None:
    """Its signature and times are good; its user is not."""
    token = clerk_story.tokens[name]
    clerk_story.clerk.verify(token)  # still valid, or the refusal would prove nothing
    clerk_story.answer = clerk_story.deployment.protected(token)
    refused(clerk_story, name, {401, 403})


def valid_token(story: Story, name: str) -> str:
    """Sign somebody in and mint a token."""
    return story.clerk.sessions.token(story.clerk.sessions.create(story.people[name]))


def let_in(story: Story, name: str, token: str) -> None:
    """Claim that a token is answered 200 with its own user."""
    answer = story.deployment.protected(token)
    hers = story.people[name].id in answer.text
    story.add(
        Evidence(
            claim=f"a valid token lets {name} in as herself",
            verdict="pass" if answer.status_code == 200 and hers else "fail",  # noqa: PLR2004 - HTTP's OK
            observed=f"{answer.status_code}, {'her' if hers else 'not her'} id in the answer",
            expected="200 and her id",
        )
    )


def refused(story: Story, name: str, allowed: set[int]) -> None:
    """Claim that the last answer refused, and gave nothing away."""
    answer = story.last_answer()
    status, hers = answer.status_code, story.people[name].id in answer.text
    story.add(
        Evidence(
            claim=f"{name} is refused and nothing of hers is given away",
            verdict="pass" if status in allowed and not hers else "fail",
            observed=f"{status}, {'her' if hers else 'no'} id in the answer",
            expected=" or ".join(map(str, sorted(allowed))),
        )
    )
