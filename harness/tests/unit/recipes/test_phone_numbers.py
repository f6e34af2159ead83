from clerk_fake.model.verifications import TEST_RECIPIENT
from clerk_harness.recipes.people import phone_number


def test_no_number_is_one_that_gets_no_text_messages() -> None:
    numbers = {phone_number(f"{unique:x}") for unique in range(20_000)}
    assert len(numbers) == 9_800
    assert not [number for number in numbers if TEST_RECIPIENT.fullmatch(number)]
    assert all(number.startswith("+1415555") and len(number) == 12 for number in numbers)
