"""What lies in the jars of ``jarDirs``, in the packages that locations name: compiled migrations, scripts."""

from collections.abc import Collection, Iterator, Sequence
from io import BytesIO
from zlib import error as ZlibError  # noqa: N812  # it has no better name

from pipeline.formats.files import INSIDE, LIMIT, MAX_FILES
from pipeline.formats.flyway.locations import CLASSPATH, scheme
from pipeline.formats.flyway.settings import Settings
from pipeline.formats.model import SourceFile

CLASS = ".class"


class BrokenJar(Exception):
    """Why a jar cannot be read."""


def packages(settings: Settings) -> tuple[str, ...]:
    """The folders inside of jars that locations name: ``classpath:db/migration`` is ``db/migration/``."""
    named = [each for each in settings.locations or () if scheme(each) == CLASSPATH]
    return tuple(f"{each.removeprefix(f'{CLASSPATH}:').strip('/')}/".removeprefix("/") for each in named)


def files(jar: SourceFile, within: Sequence[str]) -> tuple[SourceFile, ...]:
    """Everything in the jar ``within`` these folders, ordered by name. Raises BrokenJar.

    The path of a class is its name with its package, as the ledger has it; any other's is relative to the
    folder.
    """
    from zipfile import BadZipFile  # noqa: PLC0415  # few projects have jars

    broken = (BadZipFile, OSError, RuntimeError, ValueError, EOFError, ZlibError)
    try:
        return tuple(_files(jar, within))
    except broken as error:
        raise BrokenJar(str(error)) from error


def without(jar: SourceFile, held_back: Collection[str]) -> bytes:
    """The jar but for the entries that are ``held_back``, named as they are shown."""
    from zipfile import ZIP_DEFLATED, ZipFile  # noqa: PLC0415

    made = BytesIO()
    with ZipFile(BytesIO(jar.content)) as old, ZipFile(made, "w", ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if _shown(jar, entry.filename) not in held_back:
                new.writestr(entry, old.read(entry))
    return made.getvalue()


def _files(jar: SourceFile, within: Sequence[str]) -> Iterator[SourceFile]:
    from zipfile import ZipFile  # noqa: PLC0415

    with ZipFile(BytesIO(jar.content)) as archive:
        entries = sorted(archive.infolist(), key=lambda entry: entry.filename)
        if len(entries) > MAX_FILES:
            raise BrokenJar(f"it holds more than {MAX_FILES:,} files")
        for entry in entries:
            folder = next((each for each in within if entry.filename.startswith(each)), None)
            if folder is None or entry.is_dir():
                continue
            if entry.file_size > LIMIT:
                raise BrokenJar(f"{entry.filename} is larger than {LIMIT:,} bytes")
            yield SourceFile(_path(entry.filename, folder), _shown(jar, entry.filename), archive.read(entry))


def _path(name: str, folder: str) -> str:
    if name.endswith(CLASS):
        return name.removesuffix(CLASS).replace("/", ".")
    return name.removeprefix(folder)


def _shown(jar: SourceFile, name: str) -> str:
    return f"{jar.shown}{INSIDE}{name}"
