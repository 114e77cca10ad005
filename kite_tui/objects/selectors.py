"""Label selectors: kubectl's `-l` strings, and the selectors inside objects, read into a `Selector`.

The language, and what it matches, is that of apimachinery's pkg/labels.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from kite_tui.objects.meta import Labels

_TOKEN = re.compile(r"[ \t\r\n]*(?P<token>==|!=|[=!(),<>]|[^ \t\r\n=!(),<>]+)")
_SYMBOLS = frozenset(("=", "==", "!=", "!", "(", ")", ",", "<", ">"))
_OPERATORS = {"=": "in", "==": "in", "!=": "notin", "in": "in", "notin": "notin", ">": "gt", "<": "lt"}

_NAME = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")

_HINT = "write for example app=web,tier!=cache,env in (dev,test),gpu,!spot"


class InvalidSelector(ValueError):
    """The text or object is no label selector; `str` says where it goes wrong and what to write."""


class Requirement(msgspec.Struct, frozen=True, gc=False):
    """One condition on one label. `operator` is in, notin, exists, !exists, gt or lt; `=` is an `in` of one value."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """True where the labels meet it. An absent label meets notin (and `!=`) and !exists only."""
        value = labels.get(self.key)
        match self.operator:
            case "in":
                return value in self.values
            case "notin":
                return value not in self.values
            case "exists":
                return value is not None
            case "!exists":
                return value is None
            case _:
                if value is None or not _INTEGER.fullmatch(value):
                    return False
                bound = int(self.values[0])
                return int(value) > bound if self.operator == "gt" else int(value) < bound

    def __str__(self) -> str:
        match self.operator:
            case "exists":
                return self.key
            case "!exists":
                return f"!{self.key}"
            case "in" if len(self.values) == 1:
                return f"{self.key}={self.values[0]}"
            case "gt" | "lt":
                return f"{self.key}{'>' if self.operator == 'gt' else '<'}{self.values[0]}"
            case _:
                return f"{self.key} {self.operator} ({','.join(self.values)})"


class Selector(msgspec.Struct, frozen=True, gc=False):
    """All requirements must be met; none at all match everything."""

    requirements: tuple[Requirement, ...] = ()

    @property
    def required(self) -> Requirement | None:
        """A label that must have one of some values, None where there is no such requirement."""
        return next((each for each in self.requirements if each.operator == "in"), None)

    def matches(self, labels: Labels) -> bool:
        """True where the labels are selected."""
        found = dict(labels)
        return all(requirement.matches(found) for requirement in self.requirements)

    def __str__(self) -> str:
        """As kubectl takes it, by key: `app=web,tier in (a,b),!spot`; `everything` where nothing is required."""
        return ",".join(map(str, sorted(self.requirements, key=lambda each: each.key))) or "everything"


def parse_selector(text: str) -> Selector:
    """Read what `kubectl -l` takes; empty text selects everything. Raises InvalidSelector."""
    return _Parser(text).parse()


def selector_of_map(labels: Mapping[str, object]) -> Selector:
    """The selector of a map of labels, as a Service has one: every pair must be there."""
    return Selector(tuple(Requirement(key, "in", (str(value),)) for key, value in sorted(labels.items())))


_EXPRESSIONS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!exists"}


def selector_of_object(found: Mapping[str, object]) -> Selector:
    """A LabelSelector (`matchLabels`, `matchExpressions`) as JSON gives it; an empty one selects everything.

    Raises InvalidSelector, as upstream's LabelSelectorAsSelector refuses it.
    """
    labels, expressions = found.get("matchLabels"), found.get("matchExpressions")
    requirements = list(selector_of_map(labels).requirements) if isinstance(labels, Mapping) else []
    for each in expressions if isinstance(expressions, list) else ():
        operator = _EXPRESSIONS.get(str(each.get("operator"))) if isinstance(each, Mapping) else None
        if operator is None:
            raise InvalidSelector("matchExpressions has an unknown operator")
        values = each.get("values")
        texts = tuple(sorted({str(value) for value in values})) if isinstance(values, list) else ()
        if bool(texts) != (operator in ("in", "notin")):
            raise InvalidSelector(f"matchExpressions has {'no' if not texts else 'odd'} values for {operator}")
        requirements.append(Requirement(str(each.get("key")), operator, texts))
    return Selector(tuple(requirements))


def _checked(key: str, operator: str, values: Sequence[str]) -> Requirement:
    """A requirement that upstream would take too. Raises InvalidSelector."""
    if not _is_key(key):
        raise InvalidSelector(
            f"{key!r} is no label name: letters, digits, -, _ and . (at most 63), perhaps after PREFIX/"
        )
    for value in values:
        if value and not _NAME.fullmatch(value):
            raise InvalidSelector(
                f"{value!r} is no value for the label {key}: letters, digits, -, _ and . (at most 63)"
            )
    if operator in ("gt", "lt") and not _INTEGER.fullmatch(values[0]):
        raise InvalidSelector(f"{values[0]!r} is no integer, which > and < need for the label {key}")
    return Requirement(key, operator, tuple(sorted(set(values))))


def _is_key(key: str) -> bool:
    prefix, slash, name = key.rpartition("/")
    return bool(_NAME.fullmatch(name)) and (not slash or (len(prefix) <= 253 and bool(_SUBDOMAIN.fullmatch(prefix))))


class _Parser:
    """Reads tokens from left to right; `in` and `notin` are words like others where a name or a value stands."""

    def __init__(self, text: str) -> None:
        self._text = text
        stripped = text.rstrip(" \t\r\n")
        self._tokens = [(match["token"], match.start("token")) for match in _TOKEN.finditer(stripped)]
        self._at = 0

    def parse(self) -> Selector:
        requirements: list[Requirement] = []
        while self._peek():
            try:
                requirements.append(self._requirement())
            except _Unexpected as error:
                raise self._error(error.expected) from None
            except InvalidSelector as error:
                raise InvalidSelector(f"selector {self._text!r}: {error}") from None
            if self._peek() == ",":
                self._at += 1
                if self._peek() in ("", ","):
                    raise self._error("a label name after ','")
            elif self._peek():
                raise self._error("','")
        return Selector(tuple(requirements))

    def _requirement(self) -> Requirement:
        if self._peek() == "!":
            self._at += 1
            return _checked(self._word("a label name after '!'"), "!exists", ())
        key = self._word("a label name or '!'")
        sign = self._peek()
        if sign in ("", ","):
            return _checked(key, "exists", ())
        operator = _OPERATORS.get(sign)
        if operator is None:
            raise _Unexpected("=, ==, !=, in, notin, > or <")
        self._at += 1
        if sign in ("in", "notin"):
            return _checked(key, operator, self._set())
        if self._peek() in ("", ","):
            return _checked(key, operator, ("",))
        return _checked(key, operator, (self._word(f"a value after {sign!r}"),))

    def _set(self) -> list[str]:
        """`(a, b)`; an empty place is the empty value."""
        if self._peek() != "(":
            raise _Unexpected("'(' before the values")
        values: list[str] = []
        while True:
            self._at += 1
            values.append("" if self._peek() in (",", ")") else self._word("a value"))
            if self._peek() == ")":
                self._at += 1
                return values
            if self._peek() != ",":
                raise _Unexpected("',' or ')'")

    def _word(self, expected: str) -> str:
        word = self._peek()
        if not word or word in _SYMBOLS:
            raise _Unexpected(expected)
        self._at += 1
        return word

    def _peek(self) -> str:
        """The next token, empty at the end."""
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _error(self, expected: str) -> InvalidSelector:
        if self._at < len(self._tokens):
            token, position = self._tokens[self._at]
            where = f"found {token!r} at character {position + 1}"
        else:
            where = "it ends too early"
        return InvalidSelector(f"selector {self._text!r}: {where}, expected {expected}; {_HINT}")


class _Unexpected(Exception):
    """The token at hand is not one of those that may stand there."""

    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected = expected
