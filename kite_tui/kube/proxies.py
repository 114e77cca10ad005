"""The proxy that the environment asks for, by the rules of Go's `httpproxy`, so that kubectl and we go the same way."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from kite_tui.kube.errors import ConfigError

SCHEMES = ("http", "https", "socks5", "socks5h")
_HOST = re.compile(r"[A-Za-z0-9_.:-]+")


@dataclass(frozen=True, slots=True)
class EnvProxies:
    """HTTP_PROXY, HTTPS_PROXY and NO_PROXY (either case; capitals first). ALL_PROXY is not read, as in Go."""

    http: str = field(default="", repr=False)
    https: str = field(default="", repr=False)
    no_proxy: str = ""

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> EnvProxies:
        """The variables as they are now."""

        def value(name: str) -> str:
            return env.get(name) or env.get(name.lower()) or ""

        return cls(value("HTTP_PROXY"), value("HTTPS_PROXY"), value("NO_PROXY"))

    def for_url(self, url: str) -> str | None:
        """The proxy for `url`, None for none; always None for this machine. Raises ConfigError for one that can't be
        used, which is not shown: it may hold a password anywhere."""
        parts = urlsplit(url)
        proxy = self.https if parts.scheme == "https" else self.http
        host = (parts.hostname or "").rstrip(".")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        if not proxy or is_loopback(host) or any(_matches(rule, host, port) for rule in self.no_proxy.split(",")):
            return None
        proxy = proxy if "://" in proxy else f"http://{proxy}"
        if not is_proxy(proxy):
            name = "HTTPS_PROXY" if parts.scheme == "https" else "HTTP_PROXY"
            raise ConfigError(
                f"the environment's {name} is not the URL of a proxy: it must look like http://host:3128; "
                "percent-encode special characters of a password (@ is %40)"
            )
        return proxy


NO_PROXIES = EnvProxies()


def is_proxy(url: str) -> bool:
    """True for a URL that can be connected through: a scheme of `SCHEMES`, a host, perhaps a user and a port."""
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in SCHEMES and parts.port != 0 and bool(_HOST.fullmatch(parts.hostname or ""))
    except ValueError:
        return False
    return is_usable and url.isprintable() and not any(c.isspace() for c in url)


def is_loopback(host: str) -> bool:
    """True for `localhost`, 127.0.0.0/8 and ::1."""
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None


def _matches(rule: str, host: str, port: int) -> bool:
    """One entry of NO_PROXY: `*`, an address, a CIDR, or a domain, each but the CIDR perhaps with a port.

    `.example.com` and `*.example.com` match the names below it, `example.com` also the name itself.
    """
    rule = rule.strip().lower()
    if not rule or rule == "*":
        return bool(rule)
    address = _address(host)
    if "/" in rule:
        try:
            return address is not None and address in ipaddress.ip_network(rule, strict=False)
        except ValueError:
            return False
    if _address(rule) is None:
        name, colon, number = rule.rpartition(":")
        if colon and number.isdigit():
            if int(number) != port:
                return False
            rule = name
    if address is not None:
        return _address(rule) == address
    rule = rule.removeprefix("*")
    return host.endswith(rule) if rule.startswith(".") else host == rule or host.endswith("." + rule)
