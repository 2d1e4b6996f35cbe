"""Settings files as careless people and hostile ones might write them: read, or refused in our words."""

from contextlib import suppress
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.errors import ConfigurationError
from pipeline.formats import FORMATS
from pipeline.formats.flyway.settings import BUILT, KNOWN
from tests.unit.formats.build import sources

FLYWAY = FORMATS["flyway"]
NAMES = st.sampled_from([*BUILT, *KNOWN, "placeholders.a", "tabel", "url", "", "placeholders"])
VALUES = st.text(alphabet=st.sampled_from("ab1,:*?${}[]\"'=\\ \té\0#!"), max_size=12)
LINES = st.lists(st.tuples(NAMES, VALUES), max_size=5)
SCALARS = st.sampled_from(["1", "true", '"x"', "[]", "[1]", '["a", "b"]', "{}", "{a = 1}", "1979-05-27", "nan"])


def read(name: str, text: str) -> None:
    """Read a project with that file; nothing but our own error may come of it."""
    files = {name: text, "V1__x.sql": "select '${a}';"}
    made = FLYWAY.configured(sources({name: text}), {})
    with suppress(ConfigurationError):
        FLYWAY.read(sources(files), made.options)
        FLYWAY.ledger("app", made.options)
        FLYWAY.folders(Path("sql"), made.options)


@given(LINES)
@example([("locations", ":"), ("encoding", "hex")])
def test_any_flyway_conf_is_read_or_refused(lines: list[tuple[str, str]]) -> None:
    read("flyway.conf", "\n".join(f"flyway.{name}={value}" for name, value in lines))


@given(st.lists(st.tuples(st.sampled_from(BUILT), SCALARS), max_size=4, unique_by=lambda pair: pair[0]))
def test_any_flyway_toml_is_read_or_refused(pairs: list[tuple[str, str]]) -> None:
    read("flyway.toml", "[flyway]\n" + "\n".join(f"{name} = {value}" for name, value in pairs))


@given(LINES)
def test_any_settings_of_a_script_are_read_or_refused(lines: list[tuple[str, str]]) -> None:
    read("V1__x.sql.conf", "\n".join(f"{name}={value}" for name, value in lines))
