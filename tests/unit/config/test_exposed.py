"""Password and service files that others can read are refused before anybody connects."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.config.exposed import refuse_exposed
from pipeline.errors import Refused

WHERE = {"host": "h", "dbname": "d"}
LOGIN = "*:*:*:*:S3cret\n"
SERVICE = "[prod]\nhost=h\npassword=S3cret\n"


def file(path: Path, content: str, mode: int) -> str:
    path.write_text(content)
    path.chmod(mode)
    return str(path)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_file_with_a_password_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    logins = file(tmp_path / ".pgpass", LOGIN, mode)
    services = file(tmp_path / ".pg_service.conf", SERVICE, mode)
    asked: list[tuple[Mapping[str, str], Mapping[str, str]]] = [
        ({}, {"HOME": str(tmp_path)}),
        ({}, {"PGPASSFILE": logins}),
        ({"passfile": logins}, {}),
        ({"service": "prod", "password": "x"}, {"HOME": str(tmp_path)}),
        ({"password": "x"}, {"PGSERVICE": "prod", "PGSERVICEFILE": services}),
        ({"service": "prod", "servicefile": services}, {"PGPASSWORD": "x"}),
    ]
    for parameters, environ in asked:
        with pytest.raises(Refused, match="can be read by others") as caught:
            refuse_exposed({**WHERE, **parameters}, environ)
        assert "S3cret" not in f"{caught.value} {caught.value.why} {caught.value.todo}"


def test_a_file_that_only_its_owner_can_read_is_fine(tmp_path: Path) -> None:
    file(tmp_path / ".pgpass", LOGIN, 0o600)
    file(tmp_path / ".pg_service.conf", SERVICE, 0o600)
    refuse_exposed({**WHERE, "service": "prod"}, {"HOME": str(tmp_path)})


def test_a_file_that_is_not_asked_for_or_holds_no_password_is_nobody_s_business(tmp_path: Path) -> None:
    file(tmp_path / ".pgpass", LOGIN, 0o644)
    file(tmp_path / ".pg_service.conf", "[prod]\nhost=h\n", 0o644)
    home = {"HOME": str(tmp_path)}
    refuse_exposed({**WHERE, "password": "x", "service": "prod"}, home)
    refuse_exposed({**WHERE, "service": "prod"}, {**home, "PGPASSWORD": "x"})
    refuse_exposed(WHERE, {"HOME": str(tmp_path / "elsewhere")})
