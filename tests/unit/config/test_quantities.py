"""Durations and sizes: every unit, and what is said where one is missing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.quantities import DurationRange, duration, duration_range, size, timeout
from pipeline.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("50ms", timedelta(milliseconds=50)),
        ("1s", timedelta(seconds=1)),
        ("1.5s", timedelta(milliseconds=1500)),
        ("15min", timedelta(minutes=15)),
        ("6h", timedelta(hours=6)),
        ("14d", timedelta(days=14)),
    ],
)
def test_a_duration_is_what_it_says(text: str, meant: timedelta) -> None:
    assert duration(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        *(("7B", 7), ("1kB", 1000), ("10MB", 10**7), ("20GB", 2 * 10**10), ("1TB", 10**12)),
        *(("1KiB", 1024), ("3MiB", 3 * 2**20), ("2GiB", 2**31), ("1.5TiB", 3 * 2**39)),
    ],
)
def test_a_size_is_bytes(text: str, meant: int) -> None:
    assert size(text) == meant


def test_a_range_has_two_ends_or_one() -> None:
    short, long = timedelta(milliseconds=50), timedelta(milliseconds=100)
    assert duration_range("50ms..100ms") == DurationRange(short, long)
    assert duration_range("50ms") == DurationRange(short, short)


@pytest.mark.parametrize("value", [50, 1.5, "50"])
def test_a_number_without_a_unit_says_so(value: object) -> None:
    for read in (duration, size, duration_range):
        with pytest.raises(ConfigurationError, match="needs a unit"):
            read(value)


@pytest.mark.parametrize(
    ("text", "hint"),
    [("5m", "did you mean `min`?"), ("5sec", "did you mean `s`?"), ("5weeks", "use one of ms, s")],
)
def test_an_unknown_unit_is_asked_about(text: str, hint: str) -> None:
    with pytest.raises(ConfigurationError, match="is not a unit") as caught:
        duration(text)
    assert hint in str(caught.value.todo)


@pytest.mark.parametrize("value", ["0s", "0.5ms", "-1s", "", "s", "1s 2s", "1_0s", "٣s", True, None, ("1s",)])
def test_what_is_no_positive_duration_is_refused(value: object) -> None:
    with pytest.raises(ConfigurationError):
        duration(value)


@pytest.mark.parametrize("value", ["100ms..50ms", "50ms..", "..50ms", "1s..2s..3s"])
def test_what_is_no_range_is_refused(value: str) -> None:
    with pytest.raises(ConfigurationError):
        duration_range(value)


def test_a_limit_fits_into_a_server_setting() -> None:
    assert timeout("24d") == timedelta(days=24)
    with pytest.raises(ConfigurationError, match=r"24\.8 days"):
        timeout("25d")


@given(st.text())
def test_any_text_is_a_quantity_or_refused_in_words(text: str) -> None:
    for read in (duration, size, duration_range):
        assert read_or_refusal(read, text)


def read_or_refusal(read: Callable[[object], object], text: str) -> str:
    try:
        return repr(read(text))
    except ConfigurationError as error:
        return error.what
