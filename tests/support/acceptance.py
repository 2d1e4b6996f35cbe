"""What the acceptance tests have shown, in figures: how many cases there were, and how many held."""

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

MARKER = "acceptance"

TITLES: Mapping[str, str] = {
    "AT-01": "SIGKILL at the calls of a client",
    "AT-02": "SIGKILL at instants of a promotion",
    "AT-03": "statements that no transaction may hold, killed",
    "AT-04": "lines that break or fall silent",
    "AT-05": "runs at once, waiters and zombies",
    "AT-06": "others that wait behind us",
    "AT-07": "connects by a pooler and directly",
    "AT-08": "databases that are not the one meant",
    "AT-09": "servers and backends that die",
    "AT-15": "histories that files no longer agree with",
    "AT-18": "scripts that meddle with the session",
    "AT-19": "texts and bytes against the splitter",
    "AT-25": "clocks, zones and alphabets",
}


@dataclass
class Tally:
    """The cases of one test; a test that never says ``case`` is one case."""

    begun: int = 0
    held: int = 0

    @contextmanager
    def case(self) -> Generator[None]:
        """A case, which has held where nothing was raised."""
        self.begun += 1
        yield
        self.held += 1


tally_key = pytest.StashKey[Tally]()


def note(item: pytest.Item, report: pytest.TestReport) -> None:
    """Let the report of a test carry its figures to whoever sums them up, in another process too."""
    marker = item.get_closest_marker(MARKER)
    if marker is None or report.when != "call" or report.skipped:
        return
    tally = item.stash.get(tally_key, Tally())
    begun, held = (tally.begun, tally.held) if tally.begun else (1, int(report.passed))
    report.user_properties.append((str(marker.args[0]), f"{held} of {begun}"))


def summary(reports: Iterable[pytest.TestReport]) -> list[str]:
    """A line for each acceptance test that ran."""
    figures = [(name, str(value)) for report in reports for name, value in report.user_properties]
    return [
        f"{number}  {title:50}{held:6} of {begun}"
        for number, title in TITLES.items()
        for held, begun in [_summed(value for name, value in figures if name == number)]
        if begun
    ]


def _summed(figures: Iterable[str]) -> tuple[int, int]:
    split = [tuple(map(int, one.split(" of "))) for one in figures]
    return sum(held for held, _ in split), sum(begun for _, begun in split)
