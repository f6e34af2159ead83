"""What an instance knows: one table per noun, with the look-ups that the noun declares.

The tables know nothing of users or sessions. Each noun of ``model/`` declares a ``Noun``; a table
for it appears on first use. A million rows cost little more than the entities themselves.
"""

from clerk_fake.state.nouns import Entity, Noun
from clerk_fake.state.tables import State, Table

__all__ = ["Entity", "Noun", "State", "Table"]
