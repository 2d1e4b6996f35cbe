"""The JSON Schema: current, complete, and of one mind with the loader about good and bad files."""

import json
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import cast

import jsonschema
import pytest

from pipeline.config import document
from pipeline.config.judging.trees import mapping
from pipeline.config.judging.unbuilt import ANY, UNBUILT, Unbuilt
from pipeline.config.schema import json_schema, text
from tests.unit.config.samples import FULL, SMALL, prod

DESIGNED = """\
version: 1
project: shop
migrations:
  format: flyway
  path: migrations/flyway
  runner: native
  schemas: [public]
  out_of_order: deny
  options: {}
environments:
  dev:
    database: {embedded: .pipeline/dev}
  staging:
    database: {throwaway: auto}
    rehearse:
      from: auto
      prepare: []
      seed: []
      keep: never
      rollback: {prove: [schema, data]}
      budgets: {rewrite: deny, min_rows: 10000, wal: 2GiB, duration: 15min}
  prod:
    protected: true
    requires: [staging]
    database:
      url: "${PROD_DATABASE_URL}"
      tls: system
    identity: {database: shop}
    limits:
      {wait: 50ms..100ms, hold: 1s, statement: 15min, online: 6h, connect: 10s, advisory_lock: 60s, run: 2h}
    backup: {method: pg_dump, store: backups/, keep: 14d, drill: every}
    require: [same_start, same_bytes, safe_on_the_road, way_back, backup_restores, same_end]
    drift: {before: block, scope: touched, interval: 6h, ignore: []}
    verify:
      - {name: no orders lost, sql: "select count(*) from orders", expect: not_less}
      - {name: health, command: [./scripts/smoke.sh]}
    failure: {policy: halt}
"""


def errors(content: str) -> list[str]:
    root = document.read(content.encode(), "environments.yaml").root
    assert root is not None
    value = cast("dict[str, str]", json.loads(json.dumps(root.value)))
    validator = jsonschema.Draft202012Validator(json_schema())
    return [error.message for error in validator.iter_errors(value)]  # pyright: ignore[reportUnknownMemberType]


def test_the_committed_schema_is_current() -> None:
    committed = resources.files("pipeline.config").joinpath("environments.schema.json").read_text("utf-8")
    assert committed == text(), (
        "write it anew: pipeline config schema > pipeline/config/environments.schema.json"
    )


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("content", [DESIGNED, SMALL, FULL])
def test_a_good_file_passes(content: str) -> None:
    assert errors(content) == []


@pytest.mark.parametrize(
    "content",
    [
        SMALL.replace("version: 1", "version: 2"),
        SMALL.replace("project: shop", "project: shop\nunknown: 1"),
        SMALL.replace("flyway", "flywya"),
        SMALL.replace("prod:", "pröd:"),
        SMALL.replace('url: "${PROD_DATABASE_URL}"', ""),
        SMALL.replace("url:", "embedded: x, url:"),
        SMALL.replace('url: "${PROD_DATABASE_URL}"', "embedded: x, tls: system"),
        prod("protected: 1"),
        prod("unknown: 1"),
        prod("limits: {hold: 5}"),
        prod("limits: {hold: 5m}"),
        prod("limits: {wait: 1s..}"),
        prod("limits:"),
        prod("rehearse: {budgets: {wal: 5}}"),
        prod("rehearse: {rollback: {prove: [rows]}}"),
        prod("require: [unknown]"),
        prod("verify: [{name: a}]"),
        prod("verify: [{name: a, sql: b, command: [c], expect: 1}]"),
        prod("backup: {drill: often}"),
        prod('drift: {ignore: [{object: "table a.*", reason: b, owner: c}]}'),
        prod('drift: {ignore: [{object: a, reason: b, owner: c, expires: "2027-01-31"}]}'),
    ],
)
def test_a_bad_file_does_not_pass(content: str) -> None:
    assert errors(content)


@pytest.mark.parametrize("wait", ["100ms", "50ms..100ms"])
def test_both_ways_to_write_a_wait_pass(wait: str) -> None:
    assert errors(prod(f"limits: {{wait: {wait}}}")) == []


def properties(schema: Mapping[str, object]) -> Iterator[tuple[str, Mapping[str, object]]]:
    for owner, definition in [("", schema), *mapping(schema["$defs"]).items()]:
        for key, value in mapping(mapping(definition).get("properties")).items():
            yield f"{owner}.{key}", mapping(value)


def described(schema: Mapping[str, object], key: Mapping[str, object]) -> str:
    referred = cast("str", key.get("$ref", "")).rpartition("/")[2]
    return str(key.get("description") or mapping(mapping(schema["$defs"]).get(referred)).get("description", ""))


def test_every_key_is_described() -> None:
    schema = json_schema()
    found = {name: described(schema, key) for name, key in properties(schema)}
    assert len(found) > 50
    assert [name for name, description in found.items() if not description] == []


@pytest.mark.parametrize("unbuilt", UNBUILT, ids=[".".join(each.key) for each in UNBUILT])
def test_what_is_not_built_yet_is_in_the_schema_and_says_so(unbuilt: Unbuilt) -> None:
    schema = json_schema()
    node: Mapping[str, object] = schema
    for part in unbuilt.key:
        node = mapping(node["additionalProperties"] if part == ANY else mapping(node["properties"])[part])
        node = {**mapping(mapping(schema["$defs"]).get(str(node.get("$ref", "")).rpartition("/")[2])), **node}
    assert "not built yet" in str(node["description"]).lower()
