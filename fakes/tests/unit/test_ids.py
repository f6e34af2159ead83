import re

from clerk_fake.ids import Ids


def test_an_id_is_its_prefix_and_27_base62_characters() -> None:
    assert re.fullmatch(r"user_[0-9A-Za-z]{27}", Ids().new("user"))


def test_the_same_seed_makes_the_same_ids_and_no_seed_makes_new_ones() -> None:
    assert [Ids(7).new("a") for _ in range(2)] == [Ids(7).new("a")] * 2
    assert len({Ids().new("a") for _ in range(100)}) == 100


def test_a_seed_goes_on_where_it_stopped_and_its_streams_have_nothing_in_common() -> None:
    whole = Ids(7)
    ids = [whole.new("a") for _ in range(3)]
    rest = Ids(7)
    rest.resume(2)

    assert rest.new("a") == ids[2]
    assert Ids(7, "other").new("a") not in ids
    assert len(Ids(7).text("01", 100)) == 100
    assert 0 <= Ids(7).fraction() < 1
