from pathlib import Path

import pytest

from clerk_harness.errors import ConfigurationError
from clerk_harness.reference import reference_target
from clerk_harness.target import TargetSpec, read_target
from clerk_harness.target.file import fill

MINIMAL = """
name = "mine"
api_url = "http://127.0.0.1:{port}"
webhook_url = "{api_url}/hooks"
[probe]
kind = "http"
user = "{api_url}/users/{clerk_id}"
[probe.fields]
id = "id"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "target.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_minimal_file_is_a_target(tmp_path: Path) -> None:
    spec = read_target(written(tmp_path, MINIMAL))
    assert (spec.name, spec.folder) == ("mine", tmp_path)
    assert spec.leans_on == ("postgres", "redis")


def test_the_reference_service_is_described_by_the_same_kind_of_file() -> None:
    spec = reference_target()
    assert {process.role for process in spec.processes} >= {"api", "worker"}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("[probe]", "[prob]"), "prob"),
        (('kind = "http"', 'kind = "ftp"'), "probe"),
        (('name = "mine"', "name = 7"), "name"),
        (('id = "id"', 'id = "id"\nshoe_size = "s"'), "shoe_size"),
        (("[probe.fields]", "[probe.fields"), "line 8"),
        (("[probe]", '[[processes]]\nname = "x"\ncommand = []\n[probe]'), "command"),
    ],
)
def test_an_error_names_the_file_and_the_key(
    tmp_path: Path, change: tuple[str, str], named: str
) -> None:
    path = written(tmp_path, MINIMAL.replace(*change))
    with pytest.raises(ConfigurationError) as error:
        read_target(path)
    assert str(path) in str(error.value)
    assert named in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot be read .*No such file"):
        read_target(tmp_path / "nowhere.toml")


def test_placeholders_are_filled_everywhere_and_the_users_id_is_left_for_later(
    tmp_path: Path,
) -> None:
    spec = read_target(written(tmp_path, MINIMAL))
    filled: TargetSpec = fill(spec, {"port": "1234", "api_url": "http://127.0.0.1:1234"})
    assert filled.webhook_url == "http://127.0.0.1:1234/hooks"
    assert filled.probe.user == "http://127.0.0.1:1234/users/{clerk_id}"  # type: ignore[union-attr]


def test_an_unknown_placeholder_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    spec = read_target(written(tmp_path, MINIMAL.replace("{port}", "{prot}")))
    with pytest.raises(ConfigurationError, match=r"\{prot\}.*api_url.*port"):
        fill(spec, {"port": "1", "api_url": "x"})
