"""What pods come in, and who reads them: JSON as the app does, protobuf by hand, protobuf by google's library."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from benchmarks.protobuf.subtrees import fields
from kite_tui.kube.api import JSON
from kite_tui.objects import wire
from kite_tui.objects.decode_pods import decode_pod
from kite_tui.objects.envelope import Bytes, decode_event, split_list
from kite_tui.objects.lenient import wire_reader
from kite_tui.objects.pods import Pod

PROTOBUF = "application/vnd.kubernetes.protobuf"
_MAGIC = 4
"""`k8s` and a zero byte, before a runtime.Unknown that has the object in field 2."""


@dataclass(frozen=True, slots=True)
class Format:
    """`split` gives a page's continue token and its items, `events` type and object of each event of a watch; `read` is
    the part of `decode` that depends on the format."""

    accept: str
    watch_accept: str
    split: Callable[[bytes], tuple[str, Sequence[Bytes]]]
    events: Callable[[Iterable[bytes]], Iterator[tuple[str, Bytes]]]
    read: Callable[[Any], wire.Pod]
    decode: Callable[[Any], Pod]


def _json() -> Format:
    return Format(JSON, JSON, _split_json, _json_events, wire_reader(wire.Pod), decode_pod)


def _by_hand() -> Format:
    from benchmarks.protobuf.by_hand import read

    return _protobuf(read)


def _google() -> Format:
    from benchmarks.protobuf.google import reader

    return _protobuf(reader())


def _protobuf(read: Callable[[bytes], wire.Pod]) -> Format:
    return Format(PROTOBUF, f"{PROTOBUF};stream=watch", _split_protobuf, _protobuf_events, read, _decoder(read))


JSON_READ, BY_HAND, GOOGLE = "JSON, msgspec", "protobuf, by hand", "protobuf, google"
FORMATS: dict[str, Callable[[], Format]] = {JSON_READ: _json, BY_HAND: _by_hand, GOOGLE: _google}


def _split_json(body: bytes) -> tuple[str, Sequence[Bytes]]:
    meta, items = split_list(body)
    return meta.continue_, items


def _json_events(chunks: Iterable[bytes]) -> Iterator[tuple[str, Bytes]]:
    begun = b""
    for chunk in chunks:
        *lines, begun = (begun + chunk).split(b"\n")
        for line in lines:
            event = decode_event(line)
            yield event.type, event.object


def _split_protobuf(body: bytes) -> tuple[str, Sequence[Bytes]]:
    token, items = "", []
    for number, value in fields(_object(memoryview(body))):
        if number == 2:
            items.append(bytes(value))
        elif number == 1:
            token = next((str(text, "utf-8") for name, text in fields(value) if name == 3), "")
    return token, items


def _protobuf_events(chunks: Iterable[bytes]) -> Iterator[tuple[str, Bytes]]:
    """Each event is four bytes of length and a WatchEvent, whose object is an Unknown with magic of its own."""
    begun = b""
    for chunk in chunks:
        begun = begun + chunk if begun else chunk
        at = 0
        while len(begun) - at >= 4:
            end = at + 4 + int.from_bytes(begun[at : at + 4])
            if end > len(begun):
                break
            event = dict(fields(memoryview(begun)[at + 4 : end]))
            yield str(event[1], "utf-8"), bytes(_object(dict(fields(event[2]))[1]))
            at = end
        begun = begun[at:]


def _object(data: memoryview) -> memoryview:
    return next(value for number, value in fields(data[_MAGIC:]) if number == 2)


def _decoder(read: Callable[[bytes], wire.Pod]) -> Callable[[bytes], Pod]:
    """`decode_pod` with another reader, and with times that are numbers already, as a change would have it."""
    printers, pods = _copy("kite_tui.objects.printers"), _copy("kite_tui.objects.decode_pods")
    for module in (printers, pods):
        vars(module)["epoch_s"] = lambda seconds: seconds
    vars(pods).update(_read=read, print_pod=printers.print_pod)
    decode: Callable[[bytes], Pod] = pods.decode_pod
    return decode


def _copy(name: str) -> ModuleType:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
