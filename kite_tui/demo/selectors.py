"""Label and field selectors as the server reads them; its own parser, so that no fault is shared with the client's."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol


class BadSelector(ValueError):
    """The selector can't be read; the text is upstream's where it has one."""


class Selectable(Protocol):
    """What selectors look at. `field` gives "" for what is not set."""

    @property
    def labels(self) -> Mapping[str, str]: ...
    def field(self, path: str) -> str: ...


Requirement = Callable[[Selectable], bool]

_TOKEN = re.compile(r"\s*(?:(==|!=|[=!<>(),])|([^\s=!<>(),]+))")
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_COMPARISONS = ("=", "==", "!=", "in", "notin", ">", "<")


class Selector:
    """A conjunction of requirements; the empty one matches everything."""

    def __init__(self, requirements: Sequence[Requirement]) -> None:
        self._requirements = tuple(requirements)

    def __bool__(self) -> bool:
        return bool(self._requirements)

    def __call__(self, thing: Selectable) -> bool:
        return all(requirement(thing) for requirement in self._requirements)


def selector(labels: str = "", fields: str = "", known_fields: Sequence[str] = ()) -> Selector:
    """Parse both parameters of a list or watch. Raises BadSelector.

    `known_fields` are the paths that this kind can be selected by, beside its name and namespace.
    """
    return Selector([*_label_requirements(labels), *_field_requirements(fields, known_fields)])


def _label_requirements(text: str) -> list[Requirement]:
    tokens = _tokens(text)
    requirements: list[Requirement] = []
    while tokens:
        requirements.append(_label_requirement(tokens))
        if tokens and tokens.pop(0) != ",":
            raise BadSelector("unable to parse requirement: expected ',' or end of string")
        if not tokens and text.rstrip().endswith(","):
            raise BadSelector("found '', expected: identifier after ','")
    return requirements


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise BadSelector(f"unable to parse requirement: {text[at:]!r}")
        tokens.append(match[1] or match[2])
        at = match.end()
    return tokens


def _label_requirement(tokens: list[str]) -> Requirement:
    absent = tokens[0] == "!"
    if absent:
        tokens.pop(0)
    key = _word(tokens)
    if absent:
        return lambda thing: key not in thing.labels
    if not tokens or tokens[0] == ",":
        return lambda thing: key in thing.labels
    operator = tokens.pop(0)
    if operator in ("in", "notin"):
        values = _values(tokens)
        if operator == "in":
            return lambda thing: thing.labels.get(key) in values
        return lambda thing: thing.labels.get(key) not in values
    if operator not in _COMPARISONS:
        raise BadSelector(f"unable to parse requirement: found '{operator}', expected: {', '.join(_COMPARISONS)}")
    # `app=` is a value too: the empty one.
    value = "" if not tokens or tokens[0] == "," else _word(tokens)
    if operator in ("=", "=="):
        return lambda thing: thing.labels.get(key) == value
    if operator == "!=":
        return lambda thing: thing.labels.get(key) != value
    return _compared(key, operator, value)


def _compared(key: str, operator: str, value: str) -> Requirement:
    if not _INTEGER.fullmatch(value):
        raise BadSelector(f"for 'Gt', 'Lt' operators, the value must be an integer: {value!r}")
    border, sign = int(value), 1 if operator == ">" else -1

    def compare(thing: Selectable) -> bool:
        has = thing.labels.get(key, "")
        return bool(_INTEGER.fullmatch(has)) and sign * (int(has) - border) > 0

    return compare


def _word(tokens: list[str]) -> str:
    if not tokens or re.fullmatch(r"==|!=|[=!<>(),]", tokens[0]):
        found = tokens[0] if tokens else ""
        raise BadSelector(f"unable to parse requirement: found '{found}', expected: identifier")
    return tokens.pop(0)


def _values(tokens: list[str]) -> frozenset[str]:
    if not tokens or tokens[0] != "(":
        found = tokens[0] if tokens else ""
        raise BadSelector(f"unable to parse requirement: found '{found}' expected: '('")
    tokens.pop(0)
    values, word = set(), ""
    while tokens:
        token = tokens.pop(0)
        if token in (",", ")"):
            values.add(word)
            word = ""
            if token == ")":
                return frozenset(values)
        else:
            word = token
    raise BadSelector("unable to parse requirement: found '', expected: ',', or ')'")


def _field_requirements(text: str, known_fields: Sequence[str]) -> list[Requirement]:
    requirements: list[Requirement] = []
    for term in filter(None, text.split(",")):
        match = re.fullmatch(r"([^=!]+)(!=|==|=)(.*)", term)
        if match is None:
            raise BadSelector(f"invalid selector: '{text}'; can't understand '{term}'")
        path, operator, value = match.groups()
        if path not in ("metadata.name", "metadata.namespace", *known_fields):
            raise BadSelector(f"field label not supported: {path}")
        requirements.append(_field_requirement(path, value, operator != "!="))
    return requirements


def _field_requirement(path: str, value: str, equal: bool) -> Requirement:
    return lambda thing: (thing.field(path) == value) is equal
