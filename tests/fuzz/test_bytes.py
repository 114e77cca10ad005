"""Any bytes and any text from outside come to a value or to an error of ours, soon, and in bounded memory."""

from __future__ import annotations

import base64
import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kite_tui import settings as config_file
from kite_tui.demo import listoptions, lists, selectors
from kite_tui.demo.answers import Refused
from kite_tui.kube.clientconfig import ClientConfig, Cluster, ExecConfig, User
from kite_tui.kube.config import Flags, load
from kite_tui.kube.errors import ApiError, ConfigError, CredentialError
from kite_tui.kube.exec_plugin import ExecPlugin
from kite_tui.kube.oidc import _expiry_s
from kite_tui.kube.status import error_of_answer, error_of_status
from kite_tui.objects.decode import Malformed, decoder
from kite_tui.objects.details import decode_pod_detail
from kite_tui.objects.envelope import decode_event, peek_meta, split_list
from kite_tui.objects.quantity import InvalidQuantity, parse
from kite_tui.objects.selectors import InvalidSelector, parse_selector
from kite_tui.queries.filters import Vocabulary, parse_filter
from tests.fuzz.mutated import KINDS, ODD, manifests

SOON_S = 5.0
"""Far more than anything here needs, and far less than what is exponential would take."""

AWFUL = (
    b"",
    b"null",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"metadata":' + b"[" * 100_000,
    b'{"items":[' + b"[" * 100_000 + b"]" * 100_000 + b"]}",
    b'{"metadata":{"resourceVersion":1e999999999,"remainingItemCount":' + b"9" * 1_000_000 + b"}}",
    b'{"metadata":{"name":"x"},"count":' + b"9" * 4300 + b"}",
    b'{"metadata":{"name":"\\ud800"},"type":"\\ud800\\udfff"}',
    b'{"metadata":{"name":"\xff\xfe\x00"}}',
    b'{"type":"ERROR","object":{"code":' + b"9" * 4000 + b',"details":{"retryAfterSeconds":1e400}}}',
)

JSON = st.recursive(
    st.sampled_from([each for each in ODD if not isinstance(each, dict | list)]) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """Bytes: any, awful ones, JSON, or an object, a page or a watch's line of the simulated cluster with a part cut
    out of it or put into it."""
    match draw(st.integers(0, 3)):
        case 0:
            return draw(st.binary(max_size=64))
        case 1:
            return draw(st.sampled_from(AWFUL))
        case 2:
            return json.dumps(draw(JSON)).encode()
    one = draw(st.sampled_from(manifests()[draw(st.sampled_from(KINDS))]))
    whole = draw(
        st.sampled_from((one, {"metadata": {"continue": "x"}, "items": [one]}, {"type": "ADDED", "object": one}))
    )
    text = json.dumps(whole).encode()
    at, more = draw(st.integers(0, len(text))), draw(st.integers(0, 40))
    return (
        text[:at] + draw(st.binary(max_size=8) | st.sampled_from((b"{", b"[" * 2000, b'"', b"\\"))) + text[at + more :]
    )


@contextmanager
def soon() -> Iterator[None]:
    """Fail what takes too long, also inside `re`, which looks for signals."""

    def late(*_: object) -> None:
        raise TimeoutError("this takes for ever")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, SOON_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


READERS: dict[str, Callable[[bytes], object]] = {
    "a page": split_list,
    "a line": decode_event,
    "a bookmark": peek_meta,
    "a pod's page": decode_pod_detail,
    **{kind.plural: decoder(kind) for kind in KINDS},
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@given(documents())
def test_bytes_of_the_server_are_an_object_or_malformed(read: Callable[[bytes], object], raw: bytes) -> None:
    with soon(), suppress(Malformed):
        assert read(raw) is not None


@given(st.sampled_from((200, 301, 400, 401, 403, 404, 410, 422, 429, 500, 503, 999)), documents(), st.text(max_size=20))
def test_every_refusal_is_an_error_of_ours(code: int, body: bytes, header: str) -> None:
    headers = {"retry-after": header, "location": header, "content-type": header}
    with soon():
        assert isinstance(error_of_answer(code, headers, body), ApiError)


@given(st.dictionaries(st.sampled_from(("code", "message", "reason", "details", "status")), JSON))
def test_so_is_every_status(status: dict[str, object]) -> None:
    assert str(error_of_status(status))
    assert str(error_of_status({"details": {"causes": [status, 1, None], "retryAfterSeconds": status.get("code")}}))


# -- what a person's own files and programs say -----------------------------------------------------------------

_CREDENTIAL = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential"}


def _toml(values: dict[str, Any]) -> bytes:
    """JSON's arrays, texts and numbers are TOML's, too."""
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in values.items()]
    return "".join(lines).encode("utf-8", "surrogatepass")


SECTIONS = {
    "current-context": "a",
    "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a", "namespace": "n"}}],
    "clusters": [{"name": "a", "cluster": {"server": "https://a", "proxy-url": "http://p", "extensions": []}}],
    "users": [{"name": "a", "user": {"token": "t", "as": "b", "exec": None, "auth-provider": None}}],
}


@st.composite
def kubeconfigs(draw: st.DrawFn) -> bytes:
    """Any bytes, any YAML, or a kubeconfig with something odd in one of its places."""
    match draw(st.integers(0, 2)):
        case 0:
            return draw(st.binary(max_size=64)) + draw(
                st.sampled_from((b"", b"&a [*a]", b"{" * 5000, b"\x00", b"- &x\n"))
            )
        case 1:
            return yaml.safe_dump(draw(JSON), allow_unicode=True).encode("utf-8", "surrogatepass")
    place = draw(st.sampled_from(("contexts", "clusters", "users")))
    inner = draw(st.dictionaries(st.sampled_from(tuple(_keys(SECTIONS[place]))), JSON, max_size=3))
    changed = {
        **SECTIONS,
        place: [{"name": "a", place.removesuffix("s"): inner}],
    }
    return yaml.safe_dump(changed, allow_unicode=True).encode("utf-8", "surrogatepass")


def _keys(value: Any) -> Iterator[str]:
    for one in value:
        yield from one
        yield from next(each for each in one.values() if isinstance(each, dict))


def bomb(first: str, line: str) -> bytes:
    """A dozen lines, each of which names the one before eight times."""
    names = "abcdefghijklm"
    eight = {name: ", ".join([f"*{name}"] * 8) for name in names}
    return (first + "".join(line % (b, b, eight[a]) for a, b in pairwise(names))).encode()


@given(kubeconfigs())
@example(bomb("a: &a [x]\n", "%s: &%s [%s]\n"))
@example(bomb("a: &a {x: 1}\n", "%s: &%s {<<: [%s]}\n"))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_kubeconfig_is_used_or_refused_in_a_sentence(tmp_path: Path, raw: bytes) -> None:
    file = tmp_path / "config"
    file.write_bytes(raw)
    with soon(), suppress(ConfigError):
        assert load(Flags(kubeconfig=str(file)), {}).server


@given(documents() | JSON.map(lambda status: json.dumps({**_CREDENTIAL, "status": status}).encode()))
@example(
    json.dumps({**_CREDENTIAL, "status": {"token": "t", "expirationTimestamp": "0001-01-01T00:00:00+23:59"}}).encode()
)
@example(
    json.dumps({**_CREDENTIAL, "status": {"token": "t", "expirationTimestamp": "9999-12-31T23:59:59-23:59"}}).encode()
)
def test_what_a_plugin_prints_is_a_credential_or_refused(printed: bytes) -> None:
    plugin = ExecPlugin(ExecConfig("p", _CREDENTIAL["apiVersion"]), ClientConfig(None, Cluster("https://a"), User()))
    with soon(), suppress(CredentialError):
        assert plugin._parse(printed)


@given(documents() | st.one_of(st.integers(), st.floats(), JSON).map(lambda exp: json.dumps({"exp": exp}).encode()))
@example(b'{"exp":' + b"9" * 400 + b"}")
def test_a_token_says_when_it_expires_or_nothing(claims: bytes) -> None:
    expires_s = _expiry_s(f"e30.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.x")
    assert expires_s is None or isinstance(expires_s, float)


@given(
    st.binary(max_size=60) | st.dictionaries(st.sampled_from(("qps", "burst", "theme", "favourites")), JSON).map(_toml)
)
@example(b"qps = " + b"[" * 100_000)
@example(b"qps = " + b"9" * 10_000)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_config_file_is_used_or_refused_in_a_sentence(tmp_path: Path, raw: bytes) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(raw)
    with soon(), suppress(config_file.SettingsError):
        assert config_file.load({"KITE_TUI_CONFIG": str(file)})


# -- what a person types, and what the simulated server is asked ------------------------------------------------


def _long(digit: str, times: int, end: str) -> str:
    return digit * times + end


@given(
    st.text("0123456789.eE+-munkMGTPEi", max_size=30)
    | st.builds(
        lambda digit, n, end: digit * n + end,
        st.sampled_from("019."),
        st.sampled_from((99, 101, 1_000_000)),
        st.sampled_from(("", "e9", "Ei", "e999999999", "e-999999999", "m")),
    )
)
def test_a_quantity_is_a_number_of_bounded_size_or_refused(text: str) -> None:
    with soon(), suppress(InvalidQuantity):
        assert abs(parse(text)) < 10**300


@given(
    st.text(" ab=!,()<>in-./1²٣", max_size=30), st.dictionaries(st.sampled_from("ab"), st.text("-+²٣19a", max_size=5))
)
def test_selectors_of_both_sides_select_or_are_refused(text: str, labels: dict[str, str]) -> None:
    with soon(), suppress(InvalidSelector):
        assert isinstance(parse_selector(text).matches(tuple(sorted(labels.items()))), bool)
    with soon(), suppress(selectors.BadSelector):
        assert isinstance(selectors.selector(text, "metadata.name=" + text)(Labelled(labels)), bool)


class Labelled:
    def __init__(self, labels: dict[str, str]) -> None:
        self.labels = labels

    def field(self, path: str) -> str:
        return ""


WORDS: Vocabulary[str] = Vocabulary(str, {"status": str}, {"odd": bool}, lambda _: ())
WORST = ("a" * 320, "a" * 319 + "!", "ab" * 160, " " * 320, "0" * 5000)


@given(st.text("ab()*+?|[]{}.^$\\,:!-01= ", max_size=40))
@example("(a|b|ab)*(a|b|ab)*c")
@example("(?:(?:a*)b?)*c")
@example("(a*?)a*?c")
@example(r"(\w\w?){9}c")
@example("[ab]{0,200}[ab]{0,200}c")
@example("(?=(a+))b")
def test_a_filter_is_never_slow(text: str) -> None:
    keeps = parse_filter(text, WORDS).keeps
    with soon():
        for word in WORST:
            assert isinstance(keeps(word), bool)


@given(documents() | JSON.map(lambda content: json.dumps(content).encode()), st.sampled_from(("", "shop")))
@example(b'{"start":"a","rv":Infinity}', "")
@example(b'{"start":"a","rv":' + b"9" * 5000 + b"}", "")
def test_a_continue_token_names_a_place_or_is_refused(content: bytes, namespace: str) -> None:
    for token in (base64.urlsafe_b64encode(content).decode(), content.decode("latin-1")):
        with soon(), suppress(Refused):
            revision, key = lists._read_token(token, namespace)
            assert (type(revision), type(key)) == (int, str)


@given(st.text("0123456789²٣-+_ ", max_size=8) | st.just("9" * 5000))
def test_numbers_in_a_query_are_read_or_refused(text: str) -> None:
    with suppress(Refused):
        assert isinstance(listoptions.integer({"limit": text}, "limit"), int)
    with suppress(Refused):
        assert isinstance(lists._parse_revision(text), int)
