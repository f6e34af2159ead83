from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from clerk_fake.webhooks.deliveries import Deliveries, Delivery, DeliveryState

MESSAGES = [f"msg_{number}" for number in range(3)]
ENDPOINTS = [f"ep_{number}" for number in range(3)]
PENDING, DELIVERED, EXHAUSTED = (
    DeliveryState.PENDING,
    DeliveryState.DELIVERED,
    DeliveryState.EXHAUSTED,
)


def delivery_of(message_id: str, endpoint_id: str, state: DeliveryState, attempts: int) -> Delivery:
    return Delivery(message_id, endpoint_id, state, attempts, step=0, due_at=0, turned_ms=0)


class DeliveriesAgainstADictionary(RuleBasedStateMachine):
    """Deliveries must answer like a dictionary of message and endpoint."""

    def __init__(self) -> None:
        super().__init__()
        self.deliveries = Deliveries()
        self.plain: dict[tuple[str, str], Delivery] = {}

    @rule(
        delivery=st.builds(
            delivery_of,
            st.sampled_from(MESSAGES),
            st.sampled_from(ENDPOINTS),
            st.sampled_from(DeliveryState),
            st.integers(0, 9),
        )
    )
    def put(self, delivery: Delivery) -> None:
        self.deliveries.put(delivery)
        self.plain[delivery.message_id, delivery.endpoint_id] = delivery

    @rule()
    def take_down_and_put_back(self) -> None:
        self.deliveries.replace_all(tuple(self.deliveries))

    @invariant()
    def each_is_found(self) -> None:
        for message_id in MESSAGES:
            for endpoint_id in ENDPOINTS:
                expected = self.plain.get((message_id, endpoint_id))
                assert self.deliveries.get(message_id, endpoint_id) == expected

    @invariant()
    def they_are_counted_and_summed_up(self) -> None:
        assert sorted(map(str, self.deliveries)) == sorted(map(str, self.plain.values()))
        assert self.deliveries.pending == sum(d.state is PENDING for d in self.plain.values())
        for message_id in MESSAGES:
            held = [d for (of, _), d in self.plain.items() if of == message_id]
            assert sorted(self.deliveries.endpoints_of(message_id)) == sorted(
                delivery.endpoint_id for delivery in held
            )
            states = {delivery.state for delivery in held}
            worst = next((s for s in (PENDING, EXHAUSTED, DELIVERED) if s in states), None)
            assert self.deliveries.status_of(message_id) == (worst or "none")


TestDeliveriesAgainstADictionary = DeliveriesAgainstADictionary.TestCase
