import re

from clerk_fake.ids import Ids


def test_an_id_is_its_prefix_and_27_base62_characters() -> None:
    assert re.fullmatch(r"user_[0-9A-Za-z]{27}", Ids().new("user"))


def test_the_same_seed_makes_the_same_ids_and_no_seed_makes_new_ones() -> None:
    assert [Ids(7).new("a") for _ in range(2)] == [Ids(7).new("a")] * 2
    assert len({Ids().new("a") for _ in range(100)}) == 100
