"""The language of `/`: what a person types, turned into a test of one row.

Words are ANDed. A word is a regular expression looked for in namespace/name, case ignored (an unfinished one matches
literally, and says so); `!word` inverts; `column:word` looks in one column; `is:pending` asks for a class of rows;
`-f word` matches letters in order; `-l selector` takes the rest of the line as a label selector.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from kite_tui.objects.selectors import InvalidSelector, parse_selector

T = TypeVar("T")
Test = Callable[[T], bool]


@dataclass(frozen=True, slots=True)
class Vocabulary(Generic[T]):
    """What the filter of one table knows: the text that a plain word is looked for in, columns by name, classes of
    rows by name, and the labels of a row."""

    text: Callable[[T], str]
    columns: Mapping[str, Callable[[T], str]]
    classes: Mapping[str, Test[T]]
    labels: Callable[[T], tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Filter(Generic[T]):
    """A test of one row. `notice` says how the text was read where that may surprise, else it is empty."""

    text: str
    keeps: Test[T]
    notice: str = ""


def parse_filter(text: str, vocabulary: Vocabulary[T]) -> Filter[T]:
    """Read a filter; never raises, because it is parsed at every key press."""
    tests: list[Test[T]] = []
    notices: list[str] = []
    for test, notice in _terms(text.strip(), vocabulary):
        if notice:
            notices.append(notice)
        if test:
            tests.append(test)
    return Filter(text, _all_of(tests), "; ".join(notices))


def _all_of(tests: list[Test[T]]) -> Test[T]:
    if not tests:
        return lambda _: True
    if len(tests) == 1:
        return tests[0]
    return lambda row: all(test(row) for test in tests)


def _terms(text: str, vocabulary: Vocabulary[T]) -> Iterator[tuple[Test[T] | None, str]]:
    while text:
        if text == "-l" or text.startswith("-l "):
            yield _by_selector(text[2:].strip(), vocabulary)
            return
        word, _, text = text.partition(" ")
        text = text.lstrip()
        if word == "-f":
            word, _, text = text.partition(" ")
            text = text.lstrip()
            yield _fuzzy(word, vocabulary), ""
        elif word in ("!", ""):
            continue
        elif word.startswith("!"):
            test, notice = _word(word[1:], vocabulary)
            yield test and _inverted(test), notice
        else:
            yield _word(word, vocabulary)


def _inverted(test: Test[T]) -> Test[T]:
    return lambda row: not test(row)


def _word(word: str, vocabulary: Vocabulary[T]) -> tuple[Test[T] | None, str]:
    column, colon, value = word.partition(":")
    if colon and column == "is":
        known = vocabulary.classes.get(value)
        if known:
            return known, ""
        return None, f"is: knows {' '.join(vocabulary.classes)}"
    get = vocabulary.columns.get(column.lower()) if colon else None
    if get is None:
        get, value = vocabulary.text, word
    search, notice = _search(value)
    return lambda row: search(get(row)), notice


def _search(value: str) -> tuple[Callable[[str], bool], str]:
    if value.isascii() and value.replace("-", "").replace("/", "").isalnum():
        needle = value.lower()
        return lambda text: needle in text.lower(), ""
    try:
        with warnings.catch_warnings(
            action="ignore"
        ):  # about odd sets such as `[[a`; they would be drawn over the screen
            found = re.compile(value, re.IGNORECASE).search
    except (re.error, OverflowError, RecursionError) as error:
        needle = value.lower()
        return lambda text: needle in text.lower(), f"taken literally, no regular expression yet: {error}"
    return lambda text: found(text) is not None, ""


def _fuzzy(letters: str, vocabulary: Vocabulary[T]) -> Test[T]:
    found = re.compile(".*?".join(re.escape(letter) for letter in letters), re.IGNORECASE).search
    get = vocabulary.text
    return lambda row: found(get(row)) is not None


def _by_selector(text: str, vocabulary: Vocabulary[T]) -> tuple[Test[T] | None, str]:
    if not text:
        return None, ""
    try:
        selector = parse_selector(text)
    except InvalidSelector as error:
        return None, str(error)
    labels = vocabulary.labels
    return lambda row: selector.matches(labels(row)), ""
