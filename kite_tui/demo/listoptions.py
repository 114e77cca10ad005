"""The parameters of lists and watches, read and refused as upstream does (ValidateListOptions of v1.35)."""

from __future__ import annotations

from collections.abc import Mapping

from kite_tui.demo.answers import bad_request, invalid_options

Query = Mapping[str, str]

_MATCH, _INITIAL = "resourceVersionMatch", "sendInitialEvents"
_FORBIDDEN, _UNKNOWN = "FieldValueForbidden", "FieldValueNotSupported"


def integer(query: Query, name: str) -> int:
    """An integer parameter, 0 where it is absent. Raises Refused (400)."""
    text = query.get(name, "")
    try:
        return int(text) if text else 0
    except ValueError as error:
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from error


def flag(query: Query, name: str) -> bool:
    """A boolean parameter: upstream takes everything that isn't "0" or "false" for true."""
    return query.get(name, "").lower() not in ("", "0", "false")


def check_list(query: Query) -> None:
    """Raises Refused (422) for parameters that a list can't have together."""
    wrong = []
    if query.get(_MATCH) and not query.get("resourceVersion"):
        wrong.append(_forbidden(_MATCH, f"{_MATCH} is forbidden unless resourceVersion is provided"))
    if query.get(_INITIAL):
        wrong.append(_forbidden(_INITIAL, f"{_INITIAL} is forbidden for list"))
    if wrong:
        raise invalid_options(*wrong)


def check_watch(query: Query) -> None:
    """Raises Refused (422) for parameters that a watch can't have together."""
    wrong = []
    match, initial = query.get(_MATCH, ""), query.get(_INITIAL, "")
    if initial and match != "NotOlderThan":
        wrong.append(_forbidden(_MATCH, f"{_INITIAL} requires setting {_MATCH} to NotOlderThan"))
    if match:
        if not initial:
            wrong.append(_forbidden(_MATCH, f"{_MATCH} is forbidden for watch unless {_INITIAL} is provided"))
        if match != "NotOlderThan":
            wrong.append((_MATCH, _UNKNOWN, f'Unsupported value: "{match}": supported values: "NotOlderThan"'))
        if query.get("continue"):
            wrong.append(_forbidden(_MATCH, f"{_MATCH} is forbidden when continue is provided"))
    if wrong:
        raise invalid_options(*wrong)


def _forbidden(field: str, why: str) -> tuple[str, str, str]:
    return field, _FORBIDDEN, f"Forbidden: {why}"
