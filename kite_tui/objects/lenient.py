"""Reading wire structs: strictly and fast, and field by field where an object is odd.

An object with a field of a type that it can't have still has all its other fields.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec

from kite_tui.objects.envelope import Bytes, Malformed
from kite_tui.objects.wire import Wire

W = TypeVar("W", bound=Wire)


def wire_reader(type_: type[W]) -> Callable[[Bytes], W]:
    """A function that reads one object's JSON as `type_`. Thread-safe. It raises Malformed for what is no object."""
    strict = msgspec.json.Decoder(type_).decode

    def read(raw: Bytes) -> W:
        try:
            return strict(raw)
        except msgspec.ValidationError:
            return _read_leniently(raw, type_)
        except (ValueError, RecursionError) as error:
            # Versions of msgspec differ in what they raise where bytes are no text; such bytes are replaced.
            text = bytes(raw).decode(errors="replace").encode()
            if text != bytes(raw):
                return _read_leniently(text, type_)
            raise Malformed(f"not an object: {error}") from error

    return read


def _read_leniently(raw: Bytes, type_: type[W]) -> W:
    try:
        found = msgspec.json.decode(raw)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not an object: {error}") from error
    if not isinstance(found, dict):
        raise Malformed("not an object")
    return _struct(found, type_)


def _struct(found: dict[str, Any], type_: type[W]) -> W:
    """What of `found` fits; a field that doesn't is as if it were not there."""
    made = type_()
    for field in msgspec.structs.fields(type_):
        if field.encode_name in found:
            setattr(made, field.name, _value(found[field.encode_name], field.type))
    return made


def _value(found: Any, annotation: Any) -> Any:
    if annotation is msgspec.Raw:
        return msgspec.Raw(msgspec.json.encode(found))
    if get_origin(annotation) in (types.UnionType, Union):
        annotation = next(part for part in get_args(annotation) if part is not types.NoneType)
    if get_origin(annotation) is list:
        (inner,) = get_args(annotation)
        return [_struct(one, inner) for one in found if isinstance(one, dict)] if isinstance(found, list) else None
    if isinstance(annotation, type) and issubclass(annotation, Wire):
        return _struct(found, annotation) if isinstance(found, dict) else None
    try:
        return msgspec.convert(found, annotation)
    except msgspec.ValidationError:
        return None
