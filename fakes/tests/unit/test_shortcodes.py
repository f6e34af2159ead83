import time
from typing import Any

import pytest

from clerk_fake.model.jwt_templates.shortcodes import render

SCOPE = {
    "user": {
        "id": "user_1",
        "first_name": "Maria",
        "last_name": None,
        "email_verified": False,
        "created_at": 1_227_618_844,
        "public_metadata": {
            "interests": ["reading", "climbing"],
            "addresses": {"Home": "2355 Pointe Lane"},
            "zero": 0,
        },
    },
    "org": {},
}


@pytest.mark.parametrize(
    ("template", "rendered"),
    [
        ("{{user.id}}", "user_1"),
        ("  {{ user.id }}  ", "user_1"),
        ("{{user.created_at}}", 1_227_618_844),
        ("{{user.email_verified}}", False),
        ("{{user.last_name}}", None),
        ("{{user.i_dont_exist}}", None),
        ("{{nobody.id}}", None),
        ("{{org.name}}", None),
        ("{{user.public_metadata.interests}}", ["reading", "climbing"]),
        ("{{user.public_metadata.interests.1}}", "climbing"),
        ("{{user.public_metadata.interests.2}}", None),
        ("{{user.public_metadata.addresses.Home}}", "2355 Pointe Lane"),
        ("{{user.public_metadata.addresses.Home.street}}", None),
        ("{{user.public_metadata.addresses}}", {"Home": "2355 Pointe Lane"}),
        ("{{user.last_name}} {{user.first_name}}", "null Maria"),
        ("id={{user.id}}", "id=user_1"),
        ("{{user.email_verified}}!", "false!"),
        ("{{user.public_metadata.interests}}.", '["reading","climbing"].'),
        ("{{user.last_name || user.first_name}}", "Maria"),
        ("{{user.last_name||'Awesome User'}}", "Awesome User"),
        ("{{user.last_name || 'a || b'}}", "a || b"),
        ("{{user.age || user.size || 30 }}", 30),
        ("{{user.age || -1.5}}", -1.5),
        ("{{user.email_verified || user.last_name}}", None),
        ("{{user.last_name || user.email_verified}}", False),
        ("{{user.public_metadata.zero || 5}}", 0),
        ("{{user.age || true}}", True),
        ("plain", "plain"),
        ("{{", "{{"),
        ("{{user.id", "{{user.id"),
        ("}}{{", "}}{{"),
        ("{{}}", None),
        ("{{user.last_name || 'unpaired}}", None),
        (7, 7),
        (None, None),
        (["{{user.id}}", {"a": "{{user.first_name}}"}], ["user_1", {"a": "Maria"}]),
        ({"{{user.id}}": 1}, {"{{user.id}}": 1}),
    ],
)
def test_a_shortcode_stands_for_what_it_names(template: Any, rendered: Any) -> None:
    result = render(template, SCOPE)

    assert result == rendered
    assert type(result) is type(rendered)


@pytest.mark.parametrize("text", ["{{" * 200_000, "'" * 400_001, "{{" + "|| " * 100_000 + "}}"])
def test_nonsense_takes_no_time(text: str) -> None:
    started = time.monotonic()

    render(text, SCOPE)

    assert time.monotonic() - started < 2
