"""The oracle's word at the end of every scenario."""

from pytest_bdd import then

from clerk_harness.story import Story

__all__: list[str] = []


@then("the books balance")
def the_books_balance(clerk_story: Story) -> None:
    """Nothing lost, nothing invented, nothing applied twice, nothing gone back."""
    clerk_story.balance_the_books()
