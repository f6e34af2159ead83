"""A right receiver: takes what Svix's verifier lets in, once per message; refuses the rest."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
from outgoing import trigger
from svix.webhooks import Webhook, WebhookVerificationError

if TYPE_CHECKING:
    from conftest import Delivered, Receiver

__all__ = ["Books", "commit_what_verifies", "counts", "emit", "set_fault"]


@dataclass
class Books:
    """What a receiver made of what it got.

    Attributes:
        committed: Message ids, in the order in which they came first.
        repeated: Ids that came again.
        refused: Why the others were not let in.
    """

    committed: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def commit_what_verifies(receiver: "Receiver", secret: str) -> Books:
    """Have ``receiver`` answer 200 to what it verifies and 400 to all else."""
    books = Books()
    verifier = Webhook(secret)

    def answer(delivered: "Delivered") -> int:
        try:
            verifier.verify(delivered.body, delivered.headers)
        except WebhookVerificationError as refusal:
            books.refused.append(str(refusal))
            return 400
        message_id = delivered.headers["svix-id"]
        known = message_id in books.committed
        (books.repeated if known else books.committed).append(message_id)
        return 200

    receiver.answer = answer
    return books


def set_fault(control: httpx.Client, kind: str, **said: Any) -> dict[str, Any]:
    """Set a fault of deliveries."""
    body = {"seam": "delivery", "kind": kind, **said}
    answer = control.post("/faults", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def counts(control: httpx.Client, fault: dict[str, Any]) -> tuple[int, int]:
    """Return what a fault matched and fired."""
    told = control.get(f"/faults/{fault['id']}").raise_for_status().json()
    return told["matched"], told["fired"]


def emit(control: httpx.Client, count: int = 1, event_type: str = "user.created") -> list[str]:
    """Emit so many messages and return their ids."""
    return [trigger(control, number, event_type) for number in range(count)]
