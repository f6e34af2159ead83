"""Fixtures for walks over all operations."""

import httpx
import pytest
from judging.descriptions import LATEST, MISSING
from judging.exchanges import judge_of
from judging.operations import Operations
from walking.callers import ByHand


@pytest.fixture(scope="module")
def operations() -> Operations:
    judge = judge_of()
    if judge is None:
        pytest.skip(MISSING)
    return judge.operations


@pytest.fixture
def by_hand(bapi: httpx.Client, control: httpx.Client, operations: Operations) -> ByHand:
    bapi.headers["clerk-api-version"] = LATEST
    return ByHand(bapi, control, operations)
