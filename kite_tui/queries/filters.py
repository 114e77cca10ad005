"""The language of `/`: what a person types, turned into a test of one row.

Words are ANDed. A word is a regular expression looked for in namespace/name, case ignored (an unfinished one matches
literally and says so, as does one that might take for ever); `!word` inverts; `column:word` looks in one column;
`is:pending` asks for a class of rows; `-f word` matches letters in order; `-l selector` takes the rest of the line as
a label selector.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from kite_tui.objects.selectors import InvalidSelector, parse_selector

SINGLE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?<=\()\?(?:[:=!]|<[=!]|P<\w+>)|(?<=[*+?}])[?+]", re.DOTALL)
INNERMOST = re.compile(r"\(([^()]*)\)([*+{]?)")

T = TypeVar("T")
Test = Callable[[T], bool]

PATTERN_LIMIT = 100
TEXT_LIMIT = 320
"""Characters that an expression looks at: a namespace (63), `/` and the longest name (253) are 317."""
MOST_REPEATS = 2
"""With two repeats the worst text costs a tenth of a second, with three it costs five, and no key is read meanwhile:
`re` holds the interpreter while it searches."""
MOST_OPTIONAL = 4
TOO_COSTLY = (
    "taken literally: so many repeats in an expression could take for ever; words apart are searched one by one"
)


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
    unknown = ""
    if get is None:
        get, value = vocabulary.text, word
        unknown = (
            f"there is no column {column!r}, so {word!r} is looked for as it is" if column.isalpha() and colon else ""
        )
    search, notice = _search(value)
    return lambda row: search(get(row)), unknown or notice


def _search(value: str) -> tuple[Callable[[str], bool], str]:
    if value.isascii() and value.replace("-", "").replace("/", "").isalnum():
        needle = value.lower()
        return lambda text: needle in text.lower(), ""
    needle = value.lower()
    if _is_costly(value):
        return lambda text: needle in text.lower(), TOO_COSTLY
    try:
        with warnings.catch_warnings(
            action="ignore"
        ):  # about odd sets such as `[[a`; they would be drawn over the screen
            found = re.compile(value, re.IGNORECASE).search
    except (re.error, OverflowError, RecursionError) as error:
        return lambda text: needle in text.lower(), f"taken literally, no regular expression yet: {error}"
    return lambda text: found(text[:TEXT_LIMIT]) is not None, ""


def _is_costly(pattern: str) -> bool:
    """True where a search may take more than about the square of the text's length: a repeat of what repeats itself or
    is one of several (`(a+)+`, `(a|a)*`), or many repeats. Errs on the side of True."""
    bare = SINGLE.sub("x", pattern)  # an escape or a set is one character, and `(?:` opens a group as `(` does
    nested = False
    while (inner := INNERMOST.search(bare)) is not None:
        body, repeat = inner.groups()
        nested = nested or bool(repeat and re.search(r"[*+{|?]", body))
        bare = bare[: inner.start()] + body + repeat + bare[inner.end() :]
    repeats = len(re.findall(r"[*+{]", bare))
    return nested or repeats > MOST_REPEATS or bare.count("?") > MOST_OPTIONAL or len(pattern) > PATTERN_LIMIT


def _fuzzy(letters: str, vocabulary: Vocabulary[T]) -> Test[T]:
    wanted = letters.lower()
    get = vocabulary.text

    def are_in_order(row: T) -> bool:
        text, at = get(row).lower(), 0
        for letter in wanted:
            at = text.find(letter, at) + 1
            if not at:
                return False
        return True

    return are_in_order


def _by_selector(text: str, vocabulary: Vocabulary[T]) -> tuple[Test[T] | None, str]:
    if not text:
        return None, ""
    try:
        selector = parse_selector(text)
    except InvalidSelector as error:
        return None, str(error)
    labels = vocabulary.labels
    return lambda row: selector.matches(labels(row)), ""
