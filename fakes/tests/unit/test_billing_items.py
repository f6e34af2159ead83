import pytest

from clerk_fake.model.billing.items import STEPS, ItemStatus, Step

GOES = {
    ItemStatus.UPCOMING: {Step.START: "active", Step.CANCEL: "abandoned", Step.END: "abandoned"},
    ItemStatus.INCOMPLETE: {Step.PAY: "active", Step.CANCEL: "abandoned", Step.END: "abandoned"},
    ItemStatus.ACTIVE: {Step.FAIL_TO_PAY: "past_due", Step.CANCEL: "canceled", Step.END: "ended"},
    ItemStatus.PAST_DUE: {Step.PAY: "active", Step.CANCEL: "ended", Step.END: "ended"},
    ItemStatus.CANCELED: {Step.END: "ended"},
    ItemStatus.ENDED: {},
    ItemStatus.ABANDONED: {},
}


@pytest.mark.parametrize("status", ItemStatus)
@pytest.mark.parametrize("step", Step)
def test_every_step_in_every_state_goes_where_the_table_says(
    status: ItemStatus, step: Step
) -> None:
    following = STEPS.get((status, step))

    assert (following and following.value) == GOES[status].get(step)
