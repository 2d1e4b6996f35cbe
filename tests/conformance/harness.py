"""Runs a case on two databases: in one both tools take turns, in the other the real one does everything.

After every act the two must be equal: the ledger column by column, the schema as pg_dump writes it, and the
words of both tools for the first.
"""

import secrets
import shutil
import subprocess
import time
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from pipeline.config.load import load
from pipeline.errors import PipelineError, Refused
from pipeline.formats.model import MigrationState
from pipeline.postgres.target import Target
from pipeline.promotion.amend import baseline, repair
from pipeline.promotion.migrate import migrate
from pipeline.promotion.request import Request
from pipeline.promotion.rollback import roll_back
from pipeline.steps.look import look
from pipeline.steps.release import must_be_showable, read_release
from pipeline.steps.targets import surroundings
from tests.conformance.case import BY_HAND, NOTHING, Case, Step
from tests.conformance.driver import DONE, Driver, Place, Verb
from tests.support.commands import Ended
from tests.support.servers import TestServer, create_database, create_owner, drop_database

URL = "MIXED_DATABASE_URL"
AT_WORK = """
select 1 from pg_stat_activity
 where datname = current_database() and pid <> pg_backend_pid() and state = 'active' and query like '%pg_sleep%'
"""
"""Whether somebody is in the middle of a script that sleeps."""
PATIENCE = 20
"""Seconds within which a program that was started reaches its sleeping script."""


@dataclass(frozen=True)
class Run:
    """A case under way: ``mixed`` is where both take turns, ``reference`` is the real program's alone."""

    case: Case
    driver: Driver
    server: TestServer
    root: Path
    mixed: Place
    reference: Place

    def steps(self) -> None:
        """All of them; a failed one says which it was."""
        for number, step in enumerate(self.case.steps, start=1):
            try:
                self._step(step)
            except (AssertionError, PipelineError) as error:
                error.add_note(f"{self.case.name}, step {number} ({step})")
                raise

    def states(self) -> tuple[MigrationState, ...] | None:
        """Our status of the mixed database; None where the files are such that we refuse to say one."""
        context = self._request().context()
        reading = read_release(context.project, surroundings(context))
        try:
            must_be_showable(reading.findings)
        except Refused:
            return None
        return look(context, reading.release).states

    def _step(self, step: Step) -> None:
        for path, text in step.edits.items():
            self._edit(path, text)
        if "sql" in step.said:
            for place in (self.mixed, self.reference):
                place.do(str(step.said["sql"]))
        if step.at_once:
            self._at_once(step)
        elif step.actor:
            self._act(step)
        self._compare(step)

    def _edit(self, path: str, text: str | None) -> None:
        file = self.mixed.migrations / path
        if text is None and path.endswith("/"):
            shutil.rmtree(file)
        elif text is None:
            file.unlink()
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())

    def _act(self, step: Step) -> None:
        with self._beside(step.beside):
            ended = self._done_by(step)
        assert _ending(ended) == step.ends, f"it ended otherwise: {_ending(ended)}\n{ended.out}{ended.err}"
        if step.beside is None:
            self._in_the_reference(step)
        else:
            self._in_the_reference(step.beside)
            self._in_the_reference(step)

    def _at_once(self, step: Step) -> None:
        with ThreadPoolExecutor(len(step.at_once)) as pool:
            ended = list(pool.map(self._done_by, step.at_once))
        assert "ok" in {_ending(one) for one in ended}, [f"{one.out}{one.err}" for one in ended]
        self._in_the_reference(step)

    @contextmanager
    def _beside(self, other: Step | None) -> Generator[None]:
        """Somebody else at work in the mixed database for the length of a block: in a script that sleeps."""
        if other is None:
            yield
            return
        with ThreadPoolExecutor(1) as pool:
            working = pool.submit(self._done_by, other)
            self._until_at_work(working)
            yield
            ended = working.result()
        assert _ending(ended) == other.ends, f"{other} ended otherwise: {ended.out}{ended.err}"

    def _until_at_work(self, working: Future[Ended]) -> None:
        end = time.monotonic() + PATIENCE
        while not self.mixed.ask(AT_WORK):
            assert not working.done(), f"it was never at work: {working.result()}"
            assert time.monotonic() < end, "it never slept"
            time.sleep(0.02)

    def _done_by(self, step: Step) -> Ended:
        if step.actor == "ours":
            return self._ours(step.command)
        return self._theirs(self.mixed, step.command)

    def _in_the_reference(self, step: Step) -> None:
        instead = step.instead
        if instead == NOTHING:
            return
        if instead is not None and instead.startswith(BY_HAND):
            self.reference.do(instead.removeprefix(BY_HAND))
            return
        ended = self._theirs(self.reference, instead or step.command)
        wanted = "ok" if instead is not None or step.actor != "theirs" else step.ends
        assert (ended.code == 0) == (wanted == "ok"), (
            f"the real one alone ended otherwise: {ended.out}{ended.err}"
        )

    def _theirs(self, place: Place, command: str) -> Ended:
        verb = Verb.parse(command)
        return self.driver.theirs(place, command) if verb is None else self.driver.same(place, verb)

    def _ours(self, command: str) -> Ended:
        verb = Verb.parse(command)
        assert verb is not None, f"no act of ours: {command}"
        request = self._request()
        try:
            match verb.name, verb.label:
                case "migrate", label:
                    migrate(replace(request, to=label))
                case "rollback", str(label):
                    roll_back(request, label)
                case "baseline", label:
                    baseline(request, label)
                case _, label:
                    repair(request, applied=label)
        except PipelineError as error:
            said = "\n".join(filter(None, (error.what, error.where, error.why, error.todo)))
            return Ended(int(error.exit_code), error.exit_code.name.lower(), said)
        return DONE

    def _request(self) -> Request:
        environ = {URL: _url(self.mixed.target)}
        return Request(load(self.root / "environments.yaml", environ), "dev", environ, secrets.token_hex(6))

    def _compare(self, step: Step) -> None:
        ours, alone = self.driver.rows(self.mixed), self.driver.rows(self.reference)
        assert ours == alone, f"the ledgers differ:\n{_lines(ours)}\n— the real one alone:\n{_lines(alone)}"
        ours, alone = self._dump(self.mixed), self._dump(self.reference)
        assert ours == alone, "the schemas differ"
        if step.expected is not None or step is self.case.steps[-1]:
            self._compare_status(step)
        for query, answer in step.rows.items():
            for place in (self.mixed, self.reference):
                found = place.ask(query)
                assert found == [(answer,)], f"{query} says {found}"

    def _compare_status(self, step: Step) -> None:
        states = self.states()
        if states is None:
            assert step.expected is None, "we refuse to say a status of such files"
            return
        complaints = self.driver.disagreements(self.mixed, states)
        assert not complaints, "; ".join(complaints)
        if step.expected is not None:
            assert [_line(state) for state in states] == step.expected
        if "told" in step.said:
            assert [state.finding.rule for state in states if state.finding] == step.told

    def _dump(self, place: Place) -> list[str]:
        where = place.target.resolve()
        argv = [
            str(self.server.installation.program("pg_dump")),
            *("--schema-only", "--no-owner", "--no-privileges", "--exclude-schema=pipeline"),
            *("--restrict-key=fixed", "-h", where["host"], "-p", where["port"], "-U", where["user"]),
            where["dbname"],
        ]
        said = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
        return [line for line in said.splitlines() if line and not line.startswith("--")]


@contextmanager
def prepared(case: Case, driver: Driver, server: TestServer, root: Path) -> Generator[Run]:
    """The case's two databases and its project in ``root``, for the length of a block."""
    names = [create_database(server), create_database(server)]
    try:
        shutil.copytree(case.folder / "migrations", root / "migrations", dirs_exist_ok=True)
        (root / "environments.yaml").write_text(yaml.safe_dump(_project(case)))
        places: list[Place] = []
        for name in names:
            target = server.target(name, create_owner(server, name))
            places.append(Place(target, root / "migrations", case.schemas, case.options))
            if case.before:
                places[-1].do(case.before)
        yield Run(case, driver, server, root, *places)
    finally:
        for name in names:
            drop_database(server, name)


def _project(case: Case) -> dict[str, object]:
    dev = {"database": {"url": f"${{{URL}}}"}, "limits": case.limits}
    return {"version": 1, "project": "conformance", "migrations": case.settings, "environments": {"dev": dev}}


def _url(target: Target) -> str:
    where = target.resolve()
    return f"postgresql://{where['user']}@/{where['dbname']}?host={where['host']}&port={where['port']}"


def _ending(ended: Ended) -> str:
    if ended.code == 0:
        return "ok"
    return ended.out if ended.out in {"refused", "failed", "busy", "needs_human", "usage"} else "failed"


def _line(state: MigrationState) -> str:
    if state.migration is not None:
        return f"{state.migration.label} {state.state}"
    return f"{state.row.version if state.row else '-'} {state.state}"


def _lines(rows: list[tuple[object, ...]]) -> str:
    return "\n".join(map(str, rows)) or "no row"
