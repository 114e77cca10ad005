"""SOCKS5 (RFC 1928, 1929) as Go speaks it: the proxy looks the name up, `socks5` and `socks5h` alike."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import SplitResult, unquote

_NO_AUTH, _PASSWORD = 0, 2
_REFUSALS = (
    "",
    "it failed",
    "its rules do not allow it",
    "it can't reach the network",
    "it can't reach the host",
    "the connection was refused",
    "it timed out",
    "it does not know the command",
    "it does not know this kind of address",
)


def connect_through(sock: socket.socket, proxy: SplitResult, host: str, port: int) -> socket.socket:
    """Ask the proxy at the other end of `sock` for a connection to `host`; gives `sock`, which is that connection then.

    Raises OSError, and ValueError for a name that is none, with `sock` closed.
    """
    try:
        _authenticate(sock, proxy)
        sock.sendall(b"\x05\x01\x00" + _address(host) + port.to_bytes(2, "big"))
        _, reply, _, kind = _read(sock, 4)
        if reply:
            why = _REFUSALS[reply] if reply < len(_REFUSALS) else f"code {reply}"
            raise ConnectionError(f"the SOCKS proxy {proxy.hostname} refuses: {why}")
        _read(sock, {1: 4, 4: 16}.get(kind) or _read(sock, 1)[0])
        _read(sock, 2)
    except (OSError, ValueError):
        sock.close()
        raise
    return sock


def _authenticate(sock: socket.socket, proxy: SplitResult) -> None:
    method = _PASSWORD if proxy.username else _NO_AUTH
    sock.sendall(bytes([5, 1, method]))
    version, chosen = _read(sock, 2)
    if version != 5 or chosen != method:
        raise ConnectionError(f"the SOCKS proxy {proxy.hostname} is no SOCKS5 proxy, or wants another way to log in")
    if method == _PASSWORD:
        user, password = unquote(proxy.username or "").encode(), unquote(proxy.password or "").encode()
        sock.sendall(bytes([1, len(user[:255])]) + user[:255] + bytes([len(password[:255])]) + password[:255])
        if _read(sock, 2)[1] != 0:
            raise ConnectionError(f"the SOCKS proxy {proxy.hostname} refuses the user and password of its URL")


def _address(host: str) -> bytes:
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        name = host.encode("idna")
        return bytes([3, len(name)]) + name
    return bytes([1 if address.version == 4 else 4]) + address.packed


def _read(sock: socket.socket, n: int) -> bytes:
    data = b""
    while len(data) < n:
        more = sock.recv(n - len(data))
        if not more:
            raise ConnectionError("the SOCKS proxy closed the connection")
        data += more
    return data
