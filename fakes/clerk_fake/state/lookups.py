"""Which entities have a key."""

from collections.abc import Iterable

__all__ = ["Lookup"]


class Lookup:
    """Key → the ids of those that have it, in the order in which they got it.

    Most keys belong to one entity only: its id is then kept bare, without a collection around it.
    """

    def __init__(self) -> None:
        self._holders: dict[str, str | dict[str, None]] = {}

    def find(self, key: str) -> Iterable[str]:
        """Return the ids of those that have ``key``."""
        holders = self._holders.get(key)
        if holders is None:
            return ()
        return (holders,) if isinstance(holders, str) else holders

    def count(self, key: str) -> int:
        """Return how many have ``key``; costs the same however many."""
        holders = self._holders.get(key)
        if holders is None:
            return 0
        return 1 if isinstance(holders, str) else len(holders)

    def holds(self, key: str, entity_id: str) -> bool:
        """Tell whether an entity has ``key``."""
        holders = self._holders.get(key, ())
        return holders == entity_id or (isinstance(holders, dict) and entity_id in holders)

    def has(self, key: str, entity_id: str) -> bool:
        """Tell whether an entity has ``key``."""
        holders = self._holders.get(key, "")
        return holders == entity_id if isinstance(holders, str) else entity_id in holders

    def add(self, key: str, entity_id: str) -> None:
        """Let an entity have ``key``; nothing happens when it has it already."""
        holders = self._holders.setdefault(key, entity_id)
        if isinstance(holders, dict):
            holders[entity_id] = None
        elif holders != entity_id:
            self._holders[key] = {holders: None, entity_id: None}

    def remove(self, key: str, entity_id: str) -> None:
        """Take ``key`` from an entity; nothing happens when it does not have it."""
        holders = self._holders.get(key)
        if holders == entity_id:
            del self._holders[key]
        elif isinstance(holders, dict):
            holders.pop(entity_id, None)
            if not holders:
                del self._holders[key]
