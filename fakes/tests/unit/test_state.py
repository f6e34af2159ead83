from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from clerk_fake.state import Noun, State, Table


@dataclass(frozen=True)
class Pet:
    id: str
    created_at: int
    names: tuple[str, ...] = ()


PETS = Noun("pets", Pet, {"name": lambda pet: pet.names, "first": lambda pet: pet.names[:1]})


def test_an_entity_is_found_under_its_present_keys_only() -> None:
    table = Table(PETS)
    table.put(Pet("1", 10, ("rex", "max")))

    table.put(Pet("1", 10, ("max", "bo")))

    assert table.find("name", "rex") == []
    assert table.find("name", "bo") == [Pet("1", 10, ("max", "bo"))]
    table.remove(Pet("1", 10))
    assert table.find("name", "bo") == []
    assert table.get("1") is None


def test_those_of_one_key_and_of_one_time_come_in_the_order_of_arrival() -> None:
    table = Table(PETS)
    for number in "3142":
        table.put(Pet(number, 10, ("rex",)))
    table.put(Pet("1", 10, ("rex", "bo")))

    assert [pet.id for pet in table.find("name", "rex")] == ["3", "1", "4", "2"]
    assert [pet.id for pet in table.oldest_first()] == ["3", "1", "4", "2"]


def test_the_tables_of_a_state_are_kept_until_it_is_cleared() -> None:
    state = State()
    state.of(PETS).put(Pet("1", 10))

    assert len(state.of(PETS)) == 1
    state.clear()
    assert len(state.of(PETS)) == 0


NAMES = st.lists(st.sampled_from(["rex", "max", "bo"]), max_size=3).map(tuple)
TIMES = st.integers(0, 2**64 - 1) | st.integers(0, 3)


class TableAgainstAList(RuleBasedStateMachine):
    """A table must answer like a list of pets that is searched from end to end."""

    pets = Bundle("pets")

    def __init__(self) -> None:
        super().__init__()
        self.table = Table(PETS)
        self.plain: list[Pet] = []
        self.arrived = 0

    @rule(target=pets, created_at=TIMES, names=NAMES)
    def put_a_new_one(self, created_at: int, names: tuple[str, ...]) -> str:
        self.arrived += 1
        pet = Pet(f"pet_{self.arrived}", created_at, names)
        self.table.put(pet)
        self.plain.append(pet)
        return pet.id

    @rule(pet_id=pets, names=NAMES)
    def change_its_names(self, pet_id: str, names: tuple[str, ...]) -> None:
        old = self.table.get(pet_id)
        assert old is not None
        new = Pet(pet_id, old.created_at, names)
        self.table.put(new)
        self.plain[self.plain.index(old)] = new

    @rule(pet_id=pets, created_at=TIMES)
    def change_its_time(self, pet_id: str, created_at: int) -> None:
        old = self.table.get(pet_id)
        assert old is not None
        new = Pet(pet_id, created_at, old.names)
        self.table.put(new)
        if created_at == old.created_at:
            self.plain[self.plain.index(old)] = new
        else:  # among those of its new time it is the last that came
            self.plain.remove(old)
            self.plain.append(new)

    @rule(pet_id=consumes(pets))
    def remove_one(self, pet_id: str) -> None:
        pet = self.table.get(pet_id)
        assert pet is not None
        self.table.remove(pet)
        self.plain.remove(pet)

    @invariant()
    def the_order_is_that_of_time_and_arrival(self) -> None:
        in_order = sorted(self.plain, key=lambda pet: pet.created_at)
        assert list(self.table.oldest_first()) == in_order
        assert list(self.table.newest_first()) == in_order[::-1]
        assert len(self.table) == len(in_order)

    @invariant()
    def everyone_is_found_by_id_and_by_name(self) -> None:
        for pet in self.plain:
            assert self.table.get(pet.id) == pet
        for name in ("rex", "max", "bo"):
            named = {pet.id for pet in self.plain if name in pet.names}
            found = [pet.id for pet in self.table.find("name", name)]
            assert sorted(found) == sorted(named)
            for pet in self.plain:
                assert self.table.holds("name", name, pet) == (pet.id in named)
            assert self.table.count("name", name) == len(named)
            held = {pet.id for pet in self.plain if self.table.has("name", name, pet.id)}
            assert held == named
            first = {pet.id for pet in self.plain if pet.names[:1] == (name,)}
            assert {pet.id for pet in self.table.find("first", name)} == first


TestTableAgainstAList = TableAgainstAList.TestCase
