from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from clerk_fake.state import Noun, State, Table


@dataclass(frozen=True)
class Pet:
    id: str
    created_at: int
    names: tuple[str, ...] = ()


PETS = Noun("pets", Pet, {"name": lambda pet: pet.names})


def test_an_entity_is_found_under_its_present_keys_only() -> None:
    table = Table(PETS)
    table.put(Pet("1", 10, ("rex", "max")))

    table.put(Pet("1", 10, ("max", "bo")))

    assert table.find("name", "rex") == []
    assert table.find("name", "bo") == [Pet("1", 10, ("max", "bo"))]
    table.remove(Pet("1", 10))
    assert table.find("name", "bo") == []
    assert table.get("1") is None


def test_the_tables_of_a_state_are_kept_until_it_is_cleared() -> None:
    state = State()
    state.of(PETS).put(Pet("1", 10))

    assert len(state.of(PETS)) == 1
    state.clear()
    assert len(state.of(PETS)) == 0


OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["put", "remove"]), st.integers(0, 9), st.integers(0, 5))
)


@given(operations=OPERATIONS)
def test_order_and_look_ups_agree_with_a_plain_dictionary(
    operations: list[tuple[str, int, int]],
) -> None:
    table = Table(PETS)
    plain: dict[str, Pet] = {}
    for operation, number, value in operations:
        if operation == "put":
            plain[str(number)] = Pet(str(number), value, (f"n{value}",))
            table.put(plain[str(number)])
        elif str(number) in plain:
            table.remove(plain.pop(str(number)))

    ages = [pet.created_at for pet in table.oldest_first()]
    assert ages == sorted(pet.created_at for pet in plain.values())
    assert list(table.newest_first()) == list(table.oldest_first())[::-1]
    assert len(table) == len(plain)
    for value in range(6):
        found = {pet.id for pet in table.find("name", f"n{value}")}
        assert found == {pet.id for pet in plain.values() if pet.created_at == value}
