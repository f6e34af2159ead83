"""A load of signed webhooks, and what its figures claim."""

from dataclasses import replace

from pytest_bdd import parsers, then, when

from clerk_harness.checks import bitten
from clerk_harness.load import run_load
from clerk_harness.story import Story
from clerk_report.evidence import Evidence

__all__: list[str] = []


@when("signed webhooks arrive at a constant rate")
def webhooks_arrive(clerk_story: Story) -> None:
    """Rate and duration are options of the run."""
    story = clerk_story
    with_label = replace(story.load, label=story.label)
    story.load_result = run_load(with_label, story.deployment, story.ledger, story.workspace)


@then("the load reached its rate")
def reached_its_rate(clerk_story: Story) -> None:
    """Otherwise whatever follows proves nothing."""
    load = clerk_story.loaded()
    clerk_story.add(bitten("The load", bit=load.bit, observed=load.why))


@then(parsers.parse("more than {percent:g} % of them succeed"))
def succeed(clerk_story: Story, percent: float) -> None:
    """2xx, of everything that was planned."""
    load = clerk_story.loaded()
    ratio = 100 * load.acked / load.planned
    figure(clerk_story, "webhooks succeed", ratio > percent, f"{ratio:.2f} %", f"> {percent:g} %")


@then(parsers.parse("95 % of them are acknowledged within {limit_ms:g} milliseconds"))
def acknowledged_within(clerk_story: Story, limit_ms: float) -> None:
    """Counted from the moment at which each was due."""
    p95 = clerk_story.loaded().ack_p95_ms
    observed = "nothing was acknowledged" if p95 is None else f"p95 {p95:.1f} ms"
    in_time = p95 is not None and p95 < limit_ms
    figure(clerk_story, "acknowledged in time", in_time, observed, f"< {limit_ms:g} ms")


@then(parsers.parse("95 % of them are processed within {limit_s:g} seconds"))
def processed_within(clerk_story: Story, limit_s: float) -> None:
    """From the moment at which each was due until the local row was seen to be Clerk's."""
    p95 = clerk_story.loaded().processed_p95_s
    observed = "5 % or more were never processed" if p95 is None else f"p95 {p95:.2f} s"
    in_time = p95 is not None and p95 < limit_s
    figure(clerk_story, "processed in time", in_time, observed, f"< {limit_s:g} s")


@then("every message is accounted for")
def accounted_for(clerk_story: Story) -> None:
    """Planned = acknowledged + refused + lost, and each acknowledged one was processed."""
    load = clerk_story.loaded()
    claim = "every message is accounted for"
    figure(clerk_story, claim, load.balanced, load.balance, "nothing missing")


def figure(story: Story, claim: str, held: bool, observed: str, expected: str) -> None:
    """Keep one figure of the load as evidence."""
    story.add(Evidence(claim, "pass" if held else "fail", observed, expected))
