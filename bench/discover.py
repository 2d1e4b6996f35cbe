"""Who takes part: every file in ``workloads/`` and ``contenders/`` that says so.

A file gives a ``WORKLOAD``, or ``CONTENDERS`` for its own workload or another's, or both. Those of
``workloads/`` come first; the very first of a workload is what ratios are taken against.
"""

from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType

from bench.contest import Contender, Programme, Workload

PLACES = ("workloads", "contenders")


def discover(package: str = "bench") -> tuple[Programme, ...]:
    """Everything there is, workloads by name. Raises ValueError when names clash or lead nowhere."""
    modules = [
        import_module(f"{package}.{place}.{name}") for place in PLACES for name in _names(package, place)
    ]
    workloads = [module.WORKLOAD for module in modules if hasattr(module, "WORKLOAD")]
    contenders = [contender for module in modules for contender in _contenders(module)]
    return tuple(join(workloads, contenders))


def join(workloads: Iterable[Workload], contenders: Sequence[Contender]) -> list[Programme]:
    """Contenders join their workloads, in order. Raises ValueError when names clash or lead nowhere."""
    programmes = [
        Programme(workload, tuple(one for one in contenders if one.workload == workload.name))
        for workload in sorted(workloads, key=lambda workload: workload.name)
    ]
    _refuse_clashes([programme.workload.name for programme in programmes])
    for programme in programmes:
        _refuse_clashes([f"{one.workload}: {one.name}" for one in programme.contenders])
        _refuse_lost_aims(programme)
    taken = {one for programme in programmes for one in programme.contenders}
    if lost := [one for one in contenders if one not in taken]:
        raise ValueError(f"{lost[0].name} contends in {lost[0].workload}, which no file describes")
    return programmes


def _names(package: str, place: str) -> list[str]:
    folder = Path(import_module(package).__path__[0]) / place
    return sorted(file.stem for file in folder.glob("*.py") if file.stem != "__init__")


def _contenders(module: ModuleType) -> tuple[Contender, ...]:
    return getattr(module, "CONTENDERS", ())


def _refuse_lost_aims(programme: Programme) -> None:
    names = {contender.name for contender in programme.contenders}
    wanted = [name for aim in programme.workload.aims for name in (aim.contender, aim.against) if name]
    if lost := [name for name in wanted if name not in names]:
        raise ValueError(f"{programme.workload.name} has an aim for {lost[0]}, who does not contend")


def _refuse_clashes(names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two files describe {name}")
