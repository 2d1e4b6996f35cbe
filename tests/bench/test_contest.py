from collections.abc import Generator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

import pytest

from bench.contest import Aim, Contender, LeftOut, Outcome, Programme, Stage, Workload, hold
from bench.discover import discover, join
from bench.measure import Command, CommandFailed, Sample
from bench.results import document, rows, table

NOWHERE = Stage(Path())


class Stopwatch:
    """Measures nothing: notes who ran, and hands out the samples it was given."""

    def __init__(self, *walls: float) -> None:
        self.walls = list(walls)
        self.ran: list[str] = []

    def __call__(self, command: Command) -> Sample:
        self.ran.append(command.argv[0])
        wall = self.walls.pop(0) if self.walls else 1.0
        return Sample(wall=wall, cpu=wall / 2)


def contender(name: str, workload: str = "race") -> Contender:
    @contextmanager
    def arrange(_: Stage) -> Generator[Command]:
        yield Command((name,))

    return Contender(workload, name, arrange)


def race(*names: str, aims: tuple[Aim, ...] = ()) -> Programme:
    workload = Workload("race", "who is faster?", rounds=1, aims=aims)
    return Programme(workload, tuple(contender(name) for name in names))


def silently(_: str) -> None:
    pass


def test_contenders_take_turns_and_the_warm_up_does_not_count() -> None:
    stopwatch = Stopwatch(100, 100, 1, 2, 3, 4)
    outcome = hold(race("a", "b"), NOWHERE, 2, silently, stopwatch)
    assert stopwatch.ran == ["a", "b", "a", "b", "a", "b"]
    assert [sample.wall for sample in outcome.samples["a"]] == [1, 3]
    assert [sample.wall for sample in outcome.samples["b"]] == [2, 4]


def test_each_round_has_another_order_and_nobody_runs_twice_in_a_row() -> None:
    stopwatch = Stopwatch()
    hold(race(*"abcde"), NOWHERE, 20, silently, stopwatch)
    rounds = ["".join(stopwatch.ran[at : at + 5]) for at in range(0, len(stopwatch.ran), 5)]
    assert {"".join(sorted(each)) for each in rounds} == {"abcde"}
    assert all(one != behind for one, behind in pairwise(stopwatch.ran))
    ahead_of_a = {one for one, behind in pairwise(stopwatch.ran) if behind == "a"}
    assert ahead_of_a == set("bcde")
    again = Stopwatch()
    hold(race(*"abcde"), NOWHERE, 20, silently, again)
    assert again.ran == stopwatch.ran


def test_every_run_of_a_workload_takes_place_on_its_one_stage(tmp_path: Path) -> None:
    stages: list[Stage] = []

    @contextmanager
    def arrange(stage: Stage) -> Generator[Command]:
        stages.append(stage)
        yield Command(("a",))

    programme = Programme(Workload("race", "?", 1), (Contender("race", "a", arrange),))
    hold(programme, Stage(tmp_path), 3, silently, Stopwatch())
    assert stages == [Stage(tmp_path)] * 4


def test_a_contender_that_fails_ends_the_contest() -> None:
    def fail(command: Command) -> Sample:
        raise CommandFailed(command.argv[0])

    with pytest.raises(CommandFailed, match="a"):
        hold(race("a"), NOWHERE, 1, silently, fail)


def test_a_contender_that_cannot_take_part_is_left_out_and_said_so() -> None:
    def arrange(_: Stage) -> NoReturn:
        raise LeftOut("no network")

    programme = Programme(race().workload, (contender("a"), Contender("race", "b", arrange)))
    told: list[str] = []
    outcome = hold(programme, NOWHERE, 1, told.append, Stopwatch())
    assert outcome.left_out == {"b": "no network"}
    assert "race: b is LEFT OUT: no network" in told
    assert "LEFT OUT: b: no network" in table(outcome)


def test_ratios_pair_the_runs_of_a_round_and_not_the_medians() -> None:
    samples = {
        "base": [Sample(1, 1), Sample(10, 10), Sample(2, 2)],
        "other": [Sample(2, 3), Sample(20, 30), Sample(4, 6)],
    }
    base, other = rows(Outcome(race("base", "other").workload, samples))
    assert base.figures == {"wall": 2, "cpu": 2, "wall ratio": 1, "cpu ratio": 1, "peak": 0}
    assert other.figures == {"wall": 4, "cpu": 6, "wall ratio": 2, "cpu ratio": 3, "peak": 0}


def test_a_base_too_quick_for_the_clock_does_not_divide_by_zero() -> None:
    samples = {"base": [Sample(1, 0)], "other": [Sample(1, 0.5)]}
    assert rows(Outcome(race("base", "other").workload, samples))[1].figures["cpu ratio"] > 1


@pytest.mark.parametrize(("wall", "verdict"), [(0.9, "met"), (1.1, "MISSED")])
def test_the_table_says_whether_an_aim_was_met(wall: float, verdict: str) -> None:
    workload = race("a", aims=(Aim("a", "wall", 1.0),)).workload
    told = table(Outcome(workload, {"a": [Sample(wall, 0.1)]}))
    assert told.splitlines()[-1].endswith(verdict)


def test_an_aim_may_be_against_another_than_the_first() -> None:
    workload = race(aims=(Aim("c", "wall ratio", 0.5, against="b"),)).workload
    samples = {name: [Sample(wall, 0)] for name, wall in {"a": 1, "b": 8, "c": 4}.items()}
    assert table(Outcome(workload, samples)).endswith("against b: 0.500, met")


def test_an_aim_against_one_who_was_left_out_is_not_judged() -> None:
    workload = race(aims=(Aim("a", "wall ratio", 0.5, against="b"),)).workload
    told = table(Outcome(workload, {"a": [Sample(1, 1)]}, {"b": "no network"}))
    assert told.endswith("NOT JUDGED, b was left out")


def test_the_document_keeps_every_sample() -> None:
    written = document(
        [Outcome(race("a").workload, {"a": [Sample(1, 0.5, 30), Sample(3, 1.5, 50)]}, {"b": "too big"})]
    )
    assert written["workloads"] == {
        "race": {
            "a": {
                "median": {"wall": 2, "cpu": 1, "wall ratio": 1, "cpu ratio": 1, "peak": 40},
                "samples": [{"wall": 1, "cpu": 0.5, "peak": 30}, {"wall": 3, "cpu": 1.5, "peak": 50}],
            },
            "b": {"left_out": "too big"},
        }
    }


def test_contenders_of_several_files_join_their_workload() -> None:
    (programme,) = join([race().workload], [contender("a"), contender("b")])
    assert [one.name for one in programme.contenders] == ["a", "b"]


def test_two_contenders_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two files describe race: a"):
        join([race().workload], [contender("a"), contender("a")])


def test_a_contender_for_an_unknown_workload_is_refused() -> None:
    with pytest.raises(ValueError, match="a contends in chess"):
        join([race().workload], [contender("a", "chess")])


def test_an_aim_for_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="an aim for b"):
        join([race(aims=(Aim("b", "wall", 1),)).workload], [contender("a")])


def test_every_file_of_the_folders_takes_part() -> None:
    found = {programme.workload.name: programme.contenders for programme in discover()}
    assert {"help", "many", "noop", "promotion"} <= set(found)
    assert all(contenders for contenders in found.values())
