"""Workflows hold few rights, run pinned actions, end by themselves, and take no orders from strangers' text."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import pytest
import yaml

from tests.support.tree import ROOT, own_files

PINNED = re.compile(r"\./.*|[\w.-]+/[\w./-]+@[0-9a-f]{40}")
STRANGERS = re.compile(r"\$\{\{[^}]*\b(?:github\.event|github\.head_ref|github\.ref_name|inputs\.|secrets\.)")
READ_ONLY: tuple[dict[str, str], ...] = ({}, {"contents": "read"})
GOOD = """
on: {push: {}}
permissions: {}
jobs:
  job:
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1
        with: {persist-credentials: false}
      - run: make check
"""

Node = Mapping[object, object]


def faults(text: str) -> list[str]:
    """What is wrong with a workflow, in words."""
    workflow = _mapping(yaml.safe_load(text))
    triggers = str(workflow.get("on", workflow.get(True)))  # YAML 1.1 reads the key `on` as true
    found = [f"trigger {name}" for name in ("pull_request_target", "workflow_run") if name in triggers]
    if workflow.get("permissions") not in READ_ONLY:
        found.append("permissions at the top")
    for name, value in _mapping(workflow["jobs"]).items():
        job = _mapping(value)
        found += [f"{name}: {fault}" for fault in _faults_of_job(job)]
    return found


def _faults_of_job(job: Node) -> Iterator[str]:
    permissions = _mapping(job.get("permissions", {}))
    if "timeout-minutes" not in job:
        yield "no timeout"
    if permissions.get("id-token") == "write" and "environment" not in job:
        yield "an identity without an environment"
    if "secrets." in str(job) and "environment" not in job:
        yield "secrets without an environment"
    if "make promote" in str(job) and "secrets." in str(job):
        concurrency = _mapping(job.get("concurrency", {}))
        if concurrency.get("cancel-in-progress") is not False or concurrency.get("queue") != "max":
            yield "a promotion that another may cancel"
    for step in cast("list[object]", job.get("steps", [])):
        yield from _faults_of_step(_mapping(step))


def _faults_of_step(step: Node) -> Iterator[str]:
    uses = str(step.get("uses", "./"))
    if not PINNED.fullmatch(uses):
        yield f"{uses} is not pinned"
    if "actions/checkout" in uses and _mapping(step.get("with", {})).get("persist-credentials") is not False:
        yield "the checkout leaves its credentials"
    if STRANGERS.search(str(step.get("run", ""))):
        yield "foreign text in a script"


def _mapping(value: object) -> Node:
    assert isinstance(value, dict)
    return cast("Node", value)


@pytest.mark.parametrize(
    "file", [file for file in own_files() if file.parts[:2] == (".github", "workflows")], ids=str
)
def test_a_workflow_has_no_fault(file: Path) -> None:
    assert faults((ROOT / file).read_text()) == []


def test_there_is_something_to_look_at() -> None:
    assert faults(GOOD) == []


@pytest.mark.parametrize(
    ("good", "bad", "fault"),
    [
        ("push", "pull_request_target", "trigger pull_request_target"),
        ("push", "workflow_run", "trigger workflow_run"),
        ("permissions: {}", "permissions: {contents: write}", "permissions at the top"),
        ("permissions: {}", "", "permissions at the top"),
        ("timeout-minutes: 5", "name: x", "job: no timeout"),
        ("@3d3c42e5aac5ba805825da76410c181273ba90b1", "@v7", "job: actions/checkout@v7 is not pinned"),
        ("{persist-credentials: false}", "{}", "job: the checkout leaves its credentials"),
        ("make check", "echo '${{ github.event.issue.title }}'", "job: foreign text in a script"),
        ("make check", "make promote ENV=${{ inputs.environment }}", "job: foreign text in a script"),
        (
            "timeout-minutes: 5",
            "timeout-minutes: 5\n    permissions: {id-token: write}",
            "job: an identity without an environment",
        ),
        (
            "make check",
            "make promote ENV=prod\n        env: {A: '${{ secrets.A }}'}",
            "job: a promotion that another may cancel",
        ),
    ],
)
def test_a_fault_is_noticed(good: str, bad: str, fault: str) -> None:
    assert fault in faults(GOOD.replace(good, bad))
