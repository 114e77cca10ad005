"""What looks like a credential blotted out of text that somebody else wrote: for logs, and for what programs say."""

from __future__ import annotations

import re

_SECRET = (
    r"(?i)(bearer\s+|basic\s+|(?:id_|refresh_|access_)?token[\"']?\s*[:=]\s*[\"']?|password[\"']?\s*[:=]\s*[\"']?"
    r"|client-key-data[\"']?\s*[:=]\s*[\"']?)[^\s\"',}]+"
)
_TOKEN = r"\beyJ[\w-]{6,}(?:\.[\w-]*)*|\bk8s-aws-v1\.[\w-]+|-----BEGIN[^-]*PRIVATE KEY-----[^-]*(?:-----END[^-]*-----)?"
"""Tokens that are known by their beginning: JWTs, those of EKS; and private keys."""
_USER_OF_URL = r"//[^\s/]*@|//[^\s/@]*:(?!\d+/)[^\s@]*@"
"""`//user:password@`; a password that isn't quoted may contain `/`."""


def blotted(text: str) -> str:
    """The text with `[redacted]` where a credential seems to be."""
    for pattern, blot in ((_SECRET, r"\1[redacted]"), (_TOKEN, "[redacted]"), (_USER_OF_URL, "//[redacted]@")):
        text = re.sub(pattern, blot, text)  # compiled when first needed: the first frame would wait 3 ms for that
    return text
