from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clerk_fake.errors import ApiError
from clerk_fake.http.query import Query

QUERY_STRINGS = st.text("ab&=%+;4 é[]", max_size=20).map(str.encode) | st.binary(max_size=10)


@given(query_string=QUERY_STRINGS)
def test_a_query_string_is_read_as_the_standard_library_reads_it(query_string: bytes) -> None:
    expected = parse_qs(query_string.decode("latin-1"), keep_blank_values=True)

    query = Query.parse(query_string)

    assert query._values == expected
    for name in expected:
        assert query.text(name) == expected[name][0]
        assert query.mentions_any({name.removesuffix("[]")})


def test_parameters_count_as_mentioned_in_both_spellings() -> None:
    query = Query.parse(b"a=1&b[]=2")

    assert query.mentions_any({"a"})
    assert query.mentions_any({"b", "c"})
    assert not query.mentions_any({"b[]", "c"})
    assert query.texts("b") == ("2",)


def test_a_thousand_parameters_are_enough() -> None:
    Query.parse(b"&".join([b"a=1"] * 1000))
    with pytest.raises(ApiError, match="too many"):
        Query.parse(b"&".join([b"a=1"] * 1001))
