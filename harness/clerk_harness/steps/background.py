"""Work that the service has taken on is worked off."""

from pytest_bdd import parsers, then

from clerk_harness.checks import observe
from clerk_harness.checks.projection import check_projection
from clerk_harness.story import Story

__all__: list[str] = []


@then(parsers.parse("everything acknowledged is worked off within {seconds:g} seconds"))
def worked_off(clerk_story: Story, seconds: float) -> None:
    """Every acknowledged message is settled; where there is no inbox, every user is equal."""
    claim = "everything acknowledged is worked off"
    clerk_story.expect(claim, seconds, lambda: unfinished(clerk_story))


def unfinished(story: Story) -> str:
    """Say what is left to do; empty when nothing is."""
    seen = observe(story.clerk, story.ledger, story.probe)
    if seen.pending:
        return f"{seen.pending} deliveries are pending"
    if seen.inbox is None:
        finding = check_projection(seen)
        return "" if finding.holds else finding.evidence.observed
    settled = {entry.svix_id for entry in seen.inbox if entry.settled}
    left = seen.acknowledged - settled - seen.excused
    return f"{len(left)} acknowledged messages are not settled" if left else ""
