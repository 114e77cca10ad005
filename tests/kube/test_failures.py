"""Failures that no server on loopback can be made to cause, as sentences."""

from __future__ import annotations

import errno
import os

from urllib3 import HTTPConnectionPool
from urllib3.exceptions import ReadTimeoutError

from kite_tui.kube.clientconfig import ClientConfig, Cluster
from kite_tui.kube.errors import ApiError
from kite_tui.kube.failures import explain


def read_timeout(cause: TimeoutError) -> ApiError:
    """What a read comes to that urllib3 gave up because of `cause`."""
    error = ReadTimeoutError(HTTPConnectionPool("cluster.test"), "/api", "Read timed out.")
    error.__cause__ = cause
    return explain(error, ClientConfig(None, Cluster("https://cluster.test")), 75)


def test_a_line_that_the_kernel_found_dead_is_dead_and_was_not_silent_for_as_long_as_we_would_have_waited() -> None:
    dead = read_timeout(TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT)))
    assert str(dead) == "the connection to https://cluster.test is dead: nothing there answers any more"
    assert str(read_timeout(TimeoutError("timed out"))) == "https://cluster.test sent nothing for 75 s"
