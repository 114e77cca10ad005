"""Why a plain command could not answer."""

from __future__ import annotations


class Failure(Exception):
    """The cluster or the object asked for could not be had; one sentence, exit code 1."""
