"""The official Python client, as far as cases need it. Typed in part only, so all of it is Any."""

from __future__ import annotations

import importlib
from typing import Any


def core_v1(kubeconfig: str) -> Any:
    """Its client of the core group."""
    kubernetes: Any = importlib.import_module("kubernetes")
    kubernetes.config.load_kube_config(kubeconfig)
    return kubernetes.client.CoreV1Api()


def pod_informer(kubeconfig: str) -> Any:
    """A SharedInformer of all pods, not started; None before version 37, which has the first."""
    try:
        informers: Any = importlib.import_module("kubernetes.informer")
    except ImportError:
        return None
    return informers.SharedInformer(core_v1(kubeconfig).list_pod_for_all_namespaces)
