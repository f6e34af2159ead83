"""What the service leans on dies while users keep changing."""

from pytest_bdd import parsers, then, when

from clerk_harness.chaos import FAULTS, Traffic, inflict
from clerk_harness.checks import bitten
from clerk_harness.errors import HarnessError
from clerk_harness.story import Blow, Story

__all__: list[str] = []

_CHANGES_BEFORE, _CHANGES_DURING, _CHANGES_AFTER = 15, 30, 15


@when(parsers.re(r"(?P<what>.+) is killed and restarted while users keep changing"))
def killed_while_users_change(clerk_story: Story, what: str) -> None:
    """Changes before, during and after; those during must reach nobody but Clerk's queue."""
    story = clerk_story
    with Traffic(story.clerk, story.probe, story.ledger, rng=story.rng, label=story.label) as flow:
        flow.flow(_CHANGES_BEFORE)
        with inflict(FAULTS[what], story.deployment, story.ledger) as bite:
            flow.flow(_CHANGES_DURING)
        flow.flow(_CHANGES_AFTER)
    story.blow = Blow(what, felt=bite.felt, changes=flow.made)


@then("the fault took effect")
def took_effect(clerk_story: Story) -> None:
    """Otherwise whatever follows proves nothing."""
    if (blow := clerk_story.blow) is None:
        raise HarnessError("nothing was killed yet", "put a When before this Then")
    state = "was down throughout" if blow.felt else "went on as if nothing had happened"
    observed = f"{blow.what} {state}, over {blow.changes} changes"
    clerk_story.add(bitten(f"Killing {blow.what}", bit=blow.felt, observed=observed))


@then("users sign up as before")
def sign_up_as_before(clerk_story: Story) -> None:
    """Somebody new arrives in the usual time."""
    newcomer = clerk_story.clerk.users.create(clerk_story.email("Newcomer"), first_name="Nova")
    clerk_story.expect_equal("a newcomer after the fault", newcomer, within=10)
