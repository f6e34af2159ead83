"""Subscriptions, what is in them, and what is paid for them."""

from datetime import UTC, datetime
from typing import Any, Final

from clerk_harness.recipes.kitchen import Kitchen, Step
from clerk_harness.recipes.recipe import Recipe

__all__ = ["RECIPES"]


def _plan(kitchen: Kitchen, name: str = "Pro", **more: Any) -> str:
    slug = f"{name.lower()}-{kitchen.unique}"
    body = {"name": name, "slug": slug, "amount": 2000, **more}
    made: str = kitchen.outside("POST", "/billing/plans", body)["id"]
    return made


def _payer(kitchen: Kitchen) -> str:
    user = kitchen.user(
        "payer",
        first_name=kitchen.wish("payer.first_name", "Ada"),
        last_name=kitchen.wish("payer.last_name", "Lovelace"),
        email_address=[kitchen.wish("payer.email", kitchen.address("payer"))],
    )
    return f"/billing/payers/{user}"


def _checkout(payer: str, plan: str) -> Step:
    return Step("POST", f"{payer}/subscribe", {"plan_id": plan}, outside=True)


def _subscribed(kitchen: Kitchen) -> Step:
    plan = _plan(kitchen, kitchen.wish("plan.name", "Pro"))
    return _checkout(_payer(kitchen), plan)


def _item_active(kitchen: Kitchen) -> Step:
    checkout = _subscribed(kitchen)
    payer = checkout.path.split("/")[3]
    kitchen.api("GET", f"/users/{payer}/billing/subscription")  # which begins with the free plan
    return checkout


def _item(kitchen: Kitchen, payer: str, **plan: Any) -> str:
    name = kitchen.wish("plan.name", "Pro")
    step = _checkout(payer, _plan(kitchen, name, **plan))
    item: str = kitchen.take(step)["id"]
    return item


def _subscription_updated(kitchen: Kitchen) -> Step:
    payer = _payer(kitchen)
    _item(kitchen, payer)
    return _checkout(payer, _plan(kitchen, "Team", amount=5000))


def _pending(kitchen: Kitchen) -> Step:
    """Prepare a checkout whose payment the bank will not decide on at once."""
    payer = _payer(kitchen)
    kitchen.outside("PUT", f"{payer}/payments", {"payments": "pend"})
    return _checkout(payer, _plan(kitchen, kitchen.wish("plan.name", "Pro")))


def _item_abandoned(kitchen: Kitchen) -> Step:
    item = kitchen.take(_pending(kitchen))["id"]
    return Step("DELETE", f"/billing/subscription_items/{item}?end_now=true")


def _attempt_updated(kitchen: Kitchen) -> Step:
    kitchen.take(_pending(kitchen))
    (statement, *_) = kitchen.api("GET", "/billing/statements?limit=1")["data"]
    path = f"/billing/statements/{statement['id']}/payment_attempts"
    attempts = kitchen.api("GET", path)["data"]
    attempt = next(each["id"] for each in attempts if each["status"] == "pending")
    settled = {"status": kitchen.wish("status", "paid")}
    return Step("POST", f"/billing/payment_attempts/{attempt}/settle", settled, outside=True)


def _item_canceled(kitchen: Kitchen) -> Step:
    return Step("DELETE", f"/billing/subscription_items/{_item(kitchen, _payer(kitchen))}")


def _item_ended(kitchen: Kitchen) -> Step:
    item = _item(kitchen, _payer(kitchen))
    return Step("DELETE", f"/billing/subscription_items/{item}?end_now=true")


def _item_updated(kitchen: Kitchen) -> Step:
    item = _item(kitchen, _payer(kitchen), free_trial_days=7)
    body = {"extend_to": _in(kitchen, 20 * 24 * 3600)}
    return Step("POST", f"/billing/subscription_items/{item}/extend_free_trial", body)


def _trial_ending(kitchen: Kitchen) -> Step:
    _item(kitchen, _payer(kitchen), free_trial_days=1)  # announced three days before: at once
    return Step("POST", "/clock/advance", {"seconds": 0}, outside=True)


def _unpaid(kitchen: Kitchen) -> Step:
    """A trial that ends in a second, of somebody whose card will be declined."""
    return _end_of_trial(kitchen, _payer(kitchen))


def _end_of_trial(kitchen: Kitchen, payer: str) -> Step:
    item = _item(kitchen, payer, free_trial_days=7)
    soon = {"extend_to": _in(kitchen, 1)}
    kitchen.api("POST", f"/billing/subscription_items/{item}/extend_free_trial", soon)
    kitchen.outside("PUT", f"{payer}/payments", {"payments": "fail"})
    return Step("POST", "/clock/advance", {"seconds": 1}, outside=True)


def _active_again(kitchen: Kitchen) -> Step:
    payer = _payer(kitchen)
    kitchen.take(_end_of_trial(kitchen, payer))
    kitchen.outside("PUT", f"{payer}/payments", {"payments": "succeed"})
    return _checkout(payer, _plan(kitchen, "Team", amount=5000))


def _in(kitchen: Kitchen, seconds: int) -> str:
    moment = kitchen.outside("GET", "/clock")["now_ms"] // 1000 + seconds
    return datetime.fromtimestamp(moment, UTC).isoformat()


_OWING: Final = "the first payment after a trial fails (turns the clock by 1 s)"
_AGAIN: Final = "a payer who owes moves to a plan and pays (turns the clock by 1 s)"

RECIPES: Final = (
    Recipe("subscription.created", "a user becomes a payer", _subscribed),
    Recipe("subscription.updated", "a payer moves to another plan", _subscription_updated),
    Recipe("subscription.active", _AGAIN, _active_again),
    Recipe("subscription.pastDue", _OWING, _unpaid),
    Recipe("subscriptionItem.active", "a payer takes a plan", _item_active),
    Recipe("subscriptionItem.updated", "a free trial is made longer", _item_updated),
    Recipe("subscriptionItem.canceled", "a payer cancels", _item_canceled),
    Recipe("subscriptionItem.upcoming", "the free plan will follow a canceled one", _item_canceled),
    Recipe("subscriptionItem.ended", "a plan is ended at once", _item_ended),
    Recipe("subscriptionItem.incomplete", "a checkout whose payment is pending", _pending),
    Recipe("subscriptionItem.abandoned", "such a checkout is given up", _item_abandoned),
    Recipe("subscriptionItem.freeTrialEnding", "a free trial is about to end", _trial_ending),
    Recipe("subscriptionItem.pastDue", _OWING, _unpaid),
    Recipe("paymentAttempt.created", "a payer pays for a plan", _subscribed),
    Recipe("paymentAttempt.updated", "the bank decides on a pending payment", _attempt_updated),
)
