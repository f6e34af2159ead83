from clerk_fake.clock import Clock


class _Real:
    now = 1_000_000

    def __call__(self) -> int:
        return self.now


def test_it_runs_with_real_time_and_keeps_its_lead() -> None:
    real = _Real()
    clock = Clock(real)
    clock.advance(500)

    real.now += 20

    assert clock.now_ms() == 1_000_520
    assert clock.reading().offset_ms == 500


def test_a_frozen_clock_stands_still_until_it_is_turned() -> None:
    real = _Real()
    clock = Clock(real)
    clock.turn(frozen=True)

    real.now += 20

    assert clock.now_ms() == 1_000_000
    clock.advance(5)
    assert clock.now_ms() == 1_000_005
    clock.turn(frozen=False)
    real.now += 1
    assert clock.now_ms() == 1_000_006


def test_listeners_hear_of_every_turn() -> None:
    clock = Clock(_Real())
    heard: list[int] = []
    clock.on_turn(lambda: heard.append(clock.now_ms()))

    clock.advance(1)
    clock.turn(now_ms=7)
    clock.turn(frozen=True)

    assert heard == [1_000_001, 7, 7]


def test_only_turns_forward_count_as_turned() -> None:
    clock = Clock(_Real())

    clock.advance(10)
    clock.turn(now_ms=5)
    clock.turn(now_ms=25)

    assert clock.turned_ms == 30


def test_back_to_real_forgets_offset_and_frost() -> None:
    clock = Clock(_Real())
    clock.turn(now_ms=5, frozen=True)

    clock.back_to_real()

    assert clock.reading().now_ms == 1_000_000
    assert not clock.frozen
