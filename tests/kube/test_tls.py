"""Whom we trust, and what we show."""

from __future__ import annotations

import contextlib
import datetime
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from kite_tui.kube import errors
from kite_tui.kube.clientconfig import User
from tests.conformance.pki import Authority
from tests.kube.conftest import Connect, Serve
from tests.kube.server import Connection, Handler, Server, always, answer

Secure = Callable[[Handler], Server]
OK = always(answer())


def test_a_server_of_the_given_authority_is_trusted(secure: Secure, connected: Connect, authority: Authority) -> None:
    server = secure(OK)
    assert connected(server, ca_data=authority.pem).get("/version").status == 200
    assert connected(server, ca_file=str(authority.file)).get("/version").status == 200


@pytest.mark.parametrize("give_other", [True, False], ids=["another CA", "the system's CAs"])
def test_a_server_of_an_unknown_authority_is_not(
    give_other: bool, secure: Secure, connected: Connect, other_authority: Authority
) -> None:
    api = connected(secure(OK), User(token="t"), ca_data=other_authority.pem if give_other else b"")
    with pytest.raises(errors.ConnectionFailed, match="unknown authority; give --certificate-authority") as raised:
        api.get("/version")
    assert isinstance(raised.value.__cause__, Exception)


def test_insecure_trusts_everyone_and_prints_no_warning(
    secure: Secure, connected: Connect, recwarn: pytest.WarningsRecorder
) -> None:
    assert connected(secure(OK), insecure=True).get("/version").status == 200
    assert not recwarn.list


def test_the_name_is_checked(secure: Secure, connected: Connect, authority: Authority) -> None:
    url = secure(OK).url.replace("127.0.0.1", "127.0.0.2")
    with pytest.raises(errors.ConnectionFailed):
        connected(url, ca_data=authority.pem).get("/version")


def test_a_wrong_address_is_said_and_tls_server_name_helps(
    serve: Serve, connected: Connect, authority: Authority, server_tls: ssl.SSLContext
) -> None:
    server = serve(OK, server_tls, "127.0.0.2")
    url = server.url.replace("127.0.0.1", "127.0.0.2")
    with pytest.raises(errors.ConnectionFailed, match="for another address; give --tls-server-name"):
        connected(url, ca_data=authority.pem).get("/version")
    assert connected(url, ca_data=authority.pem, tls_server_name="localhost").get("/version").status == 200


def test_tls_server_name_is_the_name_that_is_checked(secure: Secure, connected: Connect, authority: Authority) -> None:
    api = connected(secure(OK), ca_data=authority.pem, tls_server_name="elsewhere.example")
    with pytest.raises(errors.ConnectionFailed, match="for another name"):
        api.get("/version")


def test_tls_server_name_is_sent_to_the_server(
    serve: Serve, connected: Connect, authority: Authority, server_tls: ssl.SSLContext
) -> None:
    names: list[str | None] = []
    files = authority.server("named")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    context.sni_callback = lambda sock, name, context: names.append(name)
    connected(serve(OK, context), ca_data=authority.pem, tls_server_name="kubernetes.default.svc").get("/version")
    assert names == ["kubernetes.default.svc"]


def test_https_to_an_http_port_is_said_in_words(connected: Connect) -> None:
    class Plain(Server):
        def serve(self, connection: Connection) -> None:
            connection.read(1)
            connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.hold()

    with Plain(OK) as server:
        api = connected(server.url.replace("http:", "https:"), insecure=True)
        with pytest.raises(errors.ConnectionFailed, match="does not speak TLS; is it http instead of https"):
            api.get("/version")


@pytest.mark.parametrize("as_data", [True, False])
def test_a_client_certificate_is_shown(as_data: bool, secure: Secure, connected: Connect, authority: Authority) -> None:
    files = authority.client("jane", ("ops",))
    user = (
        User(certificate_data=files.certificate.read_bytes(), key_data=files.key.read_bytes())
        if as_data
        else User(certificate_file=str(files.certificate), key_file=str(files.key))
    )
    server = secure(OK)
    connected(server, user, ca_data=authority.pem).get("/version")
    assert "jane" in str(server.client_certificates[0])


def test_a_replaced_client_certificate_file_is_shown_next(
    secure: Secure, connected: Connect, authority: Authority, tmp_path: Path
) -> None:
    certificate, key = tmp_path / "c", tmp_path / "k"

    def become(name: str) -> None:
        files = authority.client(name)
        certificate.write_bytes(files.certificate.read_bytes())
        key.write_bytes(files.key.read_bytes())

    become("first")
    server = secure(OK)
    api = connected(server, User(certificate_file=str(certificate), key_file=str(key)), ca_data=authority.pem)
    api.get("/version")
    become("another-second")
    api.get("/version")
    assert ["first" in str(server.client_certificates[0]), "another-second" in str(server.client_certificates[1])] == [
        True,
        True,
    ]


def test_an_expired_client_certificate_is_said_in_words(
    secure: Secure, connected: Connect, authority: Authority
) -> None:
    files = authority.client("late", lifetime=datetime.timedelta(days=-1))
    user = User(certificate_file=str(files.certificate), key_file=str(files.key))
    with pytest.raises(errors.ConnectionFailed, match=r"client certificate|reset by peer"):
        connected(secure(OK), user, ca_data=authority.pem).get("/version")


def test_a_key_with_a_password_is_an_error_and_asks_nobody(
    secure: Secure, connected: Connect, authority: Authority, tmp_path: Path
) -> None:
    from cryptography.hazmat.primitives import serialization

    files = authority.client("locked")
    key = serialization.load_pem_private_key(files.key.read_bytes(), None)
    locked = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"password"),
    )
    user = User(certificate_data=files.certificate.read_bytes(), key_data=locked)
    with pytest.raises(errors.CredentialError, match="have no password"):
        connected(secure(OK), user, ca_data=authority.pem).get("/version")


@pytest.mark.parametrize("ca", [b"junk", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_certificate_authority_that_is_none_is_a_config_error(ca: bytes, connected: Connect) -> None:
    with pytest.raises(errors.ConfigError, match="not a PEM certificate"):
        connected("https://127.0.0.1:1", ca_data=ca)


def test_a_missing_certificate_authority_file_is_a_config_error(connected: Connect, tmp_path: Path) -> None:
    with pytest.raises(errors.ConfigError, match="can't read the certificate authority"):
        connected("https://127.0.0.1:1", ca_file=str(tmp_path / "none"))


def test_keys_given_as_data_are_in_no_file(
    secure: Secure, connected: Connect, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    files = authority.client("jane")
    user = User(certificate_data=files.certificate.read_bytes(), key_data=files.key.read_bytes())
    api = connected(secure(OK), user, ca_data=authority.pem)
    with contextlib.closing(api):
        api.get("/version")
        assert list(tmp_path.iterdir()) == []
