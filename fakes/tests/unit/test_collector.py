import gc
import weakref
from collections.abc import Iterator

import pytest

from clerk_fake.collector import begin_to_collect, look_at_everything_again


class Ring:
    """Garbage that only the collector finds."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _collector_as_it_was() -> Iterator[None]:
    callbacks = list(gc.callbacks)
    yield
    gc.callbacks[:] = callbacks
    gc.unfreeze()


def test_what_survives_is_set_aside_and_garbage_is_not() -> None:
    begin_to_collect()
    living, dead = Ring(), weakref.ref(Ring())
    before = gc.get_freeze_count()

    gc.collect()

    assert dead() is None
    assert gc.get_freeze_count() > before
    assert living not in gc.get_objects()


def test_garbage_among_what_was_set_aside_is_found_after_another_look_at_everything() -> None:
    begin_to_collect()
    ring = Ring()
    old = weakref.ref(ring)
    gc.collect()
    del ring
    gc.collect()
    assert old() is not None

    look_at_everything_again()
    gc.collect()

    assert old() is None
