"""Text of the cluster made safe to print: what could move the cursor, reverse or hide text becomes a visible mark."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

LIMIT = 4096
"""Characters of one cleaned text, unless told otherwise."""

_MOST_MARKS = 4
"""Combining marks kept on one letter: what languages use; the rest of a pile that runs over other lines is dropped."""

# Letters and marks by their category, yet drawn as nothing at all: they would hide in a name.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0") | {chr(c) for c in range(0xFE00, 0xFE10)}


def clean(text: str, *, lines: bool = False, limit: int = LIMIT) -> str:
    """`text` with every control, format, private and unassigned character as a mark, at most `limit` characters long.

    C0 and DEL become their pictures (`␛`, `␊`), everything else its number (`<U+202E>`). Newline and tab stay where
    `lines` is set. Longer text ends in `…`. Cleaning twice changes nothing more; plain ASCII costs two C calls.
    """
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    out: list[str] = []
    marks_in_a_row = 0
    has_base = False
    for character in text[: limit + 1]:
        if " " <= character <= "~" or (lines and character in "\n\t"):
            marks_in_a_row, has_base = 0, character not in "\n\t"
        else:
            shown, combines = _shown(character)
            marks_in_a_row = marks_in_a_row + 1 if combines else 0
            if marks_in_a_row > _MOST_MARKS:
                continue
            # A mark with nothing before it would sit on whatever stands to the left of this text.
            character = shown if has_base or not combines else "◌" + shown
            has_base = True
        out.append(character)
    cleaned = "".join(out)
    if len(text) > limit or len(cleaned) > limit:
        return cleaned[: max(limit - 1, 0)] + "…"[:limit]
    return cleaned


def is_harmful(character: str) -> bool:
    """True for a character that `clean` shows as a mark."""
    return _shown(character)[0] != character


@lru_cache(maxsize=4096)
def _shown(character: str) -> tuple[str, bool]:
    """What stands for a character beyond plain ASCII, and whether it combines with the one before it."""
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code), False
    if code == 0x7F:
        return "␡", False
    category = unicodedata.category(character)
    if category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") or character in _INVISIBLE or 0xE0100 <= code <= 0xE01EF:
        return f"<U+{code:04X}>", False
    return character, category in ("Mn", "Me")
