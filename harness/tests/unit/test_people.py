import re

from hypothesis import given
from hypothesis import strategies as st

from clerk_harness.factories.people import email_of, phone_of, username_of


@given(first=st.text(max_size=30), last=st.text(max_size=30), number=st.integers(0, 10**6))
def test_addresses_are_reserved_ones_whatever_the_name(first: str, last: str, number: int) -> None:
    email = email_of(first, last, number)

    assert re.fullmatch(rf"[a-z]+\.[a-z]+\.{number}\+clerk_test@example\.com", email)
    assert re.fullmatch(rf"[a-z_]*_{number}", username_of(first, last, number))
    assert 4 <= len(username_of(first, last, number)) <= 64


def test_an_address_tells_the_name() -> None:
    assert email_of("Ada", "O'Brien", 7) == "ada.obrien.7+clerk_test@example.com"
    assert email_of("Zoë", "李", 8) == "zoe.someone.8+clerk_test@example.com"
    assert username_of("Mary Ann", "Smith", 9) == "maryann_smith_9"


def test_numbers_of_phones_are_fictional_and_different_for_60_000_people() -> None:
    numbers = [phone_of(number) for number in range(60_000)]

    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        area = re.fullmatch(r"\+1([2-9]\d\d)55501\d\d", number)
        assert area is not None
        assert area[1][1:] != "11"
        assert area[1][1] != "9"
