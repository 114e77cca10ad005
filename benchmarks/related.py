"""Related: how long a warm answer takes, what the indexes behind it cost a pod, and a cold answer beside its lists."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any, cast

import anyio

from benchmarks.cases import measure
from benchmarks.report import OURS, Figure, Section
from benchmarks.servers import Server
from kite_tui.cache.lister import Lister, source_of
from kite_tui.cache.store import Store
from kite_tui.kube.config import Flags, load
from kite_tui.kube.transport import connect
from kite_tui.objects import kinds
from kite_tui.objects.decode import decoder
from kite_tui.objects.indexes import index_functions
from kite_tui.objects.kinds import Kind
from kite_tui.objects.reader import Head, Reader
from kite_tui.objects.served import Served
from kite_tui.objects.states import Live, State
from kite_tui.queries.related import edges
from kite_tui.queries.relations import Relations
from kite_tui.queries.tree import Choice, tree
from kite_tui.session.direct import DirectLists, Want

Json = dict[str, Any]

PODS, OF_AN_APP = 50_000, 5_000
CONFIG_MAPS: Kind[Any] = Kind("", "v1", "ConfigMap", "configmaps", "configmap", True)
REPLICA_SETS: Kind[Any] = Kind("apps", "v1", "ReplicaSet", "replicasets", "replicaset", True)
INGRESSES: Kind[Any] = Kind("networking.k8s.io", "v1", "Ingress", "ingresses", "ingress", True)
OTHERS: tuple[Kind[Any], ...] = tuple(
    Kind("example.com", "v1", f"Thing{n}", f"thing{n}s", f"thing{n}", True) for n in range(45)
)  # as many kinds as a cluster has


class Stores:
    """The part of a Reader that relations need, over the stores of a cache."""

    def __init__(self) -> None:
        known: tuple[Kind[Any], ...] = (
            kinds.PODS,
            kinds.NODES,
            kinds.SERVICES,
            kinds.DEPLOYMENTS,
            CONFIG_MAPS,
            REPLICA_SETS,
            INGRESSES,
        )
        self.stores: dict[Kind[Any], Store[Any]] = {}
        for kind in (*known, *OTHERS):
            self.stores[kind] = Store(index_functions(kind))
            self.stores[kind].open_part("", Live())
        self.served = Served(self.stores)

    def put(self, kind: Kind[Any], *objects: Json) -> None:
        decode = decoder(kind)
        self.stores[kind].apply([decode(json.dumps(each).encode()) for each in objects])

    def state(self, kind: Kind[Any]) -> State:
        return self.stores[kind].state

    def list(self, kind: Kind[Any]) -> Any:
        return self.stores[kind].list()

    def get(self, kind: Kind[Any], namespace: str, name: str) -> Any:
        return self.stores[kind].get(namespace, name)

    def by_index(self, kind: Kind[Any], index: str, value: str) -> tuple[Any, ...]:
        return self.stores[kind].by_index(index, value)

    def index_values(self, kind: Kind[Any], index: str) -> set[str]:
        return self.stores[kind].index_values(index)


def _meta(name: str, owner: str = "", **more: Any) -> Json:
    kind, _, owner_name = owner.partition("/")
    about = {"apiVersion": "apps/v1", "kind": kind, "name": owner_name, "uid": owner, "controller": True}
    return {"name": name, "namespace": "shop", **({"ownerReferences": [about]} if owner else {}), **more}


def _pod(number: int) -> Json:
    app = f"app-{number // OF_AN_APP}"
    labels = {"app": app, "pod-template-hash": "6c8d4f7b9"}
    volume = {"name": f"kube-api-access-{number:05d}", "projected": {"sources": [{"configMap": {"name": "root-ca"}}]}}
    return {
        "metadata": _meta(f"{app}-6c8d4f7b9-{number:05d}", f"ReplicaSet/{app}", uid=f"pod-{number}", labels=labels),
        "spec": {"nodeName": f"node-{number % 500}", **_spec(app), "volumes": [volume]},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
    }


def _spec(app: str) -> Json:
    return {"containers": [{"name": "app", "image": "app:1", "envFrom": [{"configMapRef": {"name": app}}]}]}


def _cluster(pods: int) -> Stores:
    """Deployments of 5 000 pods, each with a ConfigMap, a Service and an Ingress."""
    found = Stores()
    found.put(kinds.PODS, *map(_pod, range(pods)))
    for number in range(pods // OF_AN_APP):
        app = f"app-{number}"
        template = {"metadata": {"labels": {"app": app}}, "spec": _spec(app)}
        spec = {"replicas": OF_AN_APP, "template": template}
        found.put(kinds.DEPLOYMENTS, {"metadata": _meta(app, uid=f"Deployment/{app}"), "spec": spec})
        found.put(REPLICA_SETS, {"metadata": _meta(app, f"Deployment/{app}", uid=f"ReplicaSet/{app}"), "spec": spec})
        found.put(CONFIG_MAPS, {"metadata": _meta(app, uid=f"cm-{number}")})
        found.put(kinds.SERVICES, {"metadata": _meta(app, uid=f"svc-{number}"), "spec": {"selector": {"app": app}}})
        backend = {"backend": {"service": {"name": app}}, "path": "/"}
        found.put(INGRESSES, {"metadata": _meta(app), "spec": {"rules": [{"http": {"paths": [backend]}}]}})
    return found


def warm(runs: int, pods: int = PODS) -> Section:
    """Answers out of a cache that has everything; no request is made, nothing could make one."""
    reader = cast(Reader, _cluster(pods))
    used, owning = (CONFIG_MAPS, "app-3"), (kinds.DEPLOYMENTS, "app-3")
    questions: dict[str, Callable[[Relations], object]] = {
        "the tree of a ConfigMap used by 5 000 pods": lambda r: tree(r, r.find(used[0], "shop", used[1]), Choice()),
        "its 5 000 users, an edge each": lambda r: edges(r, r.find(used[0], "shop", used[1]), ("used-by",), 1),
        "the tree of a Deployment of 5 000 pods": lambda r: tree(r, r.find(owning[0], "shop", owning[1]), Choice()),
        "all its edges": lambda r: edges(r, r.find(owning[0], "shop", owning[1])),
    }
    section = Section(f"Related, warm: {pods:,} pods of {len(reader.served.searched)} kinds in the cache")
    for what, question in questions.items():
        goal = 0.02 if "tree" in what or "users" in what else None
        figure = Figure(what, OURS, "ms", goal=goal)
        for _ in range(runs):
            began_s = time.perf_counter()
            question(Relations(reader))
            figure.values.append(time.perf_counter() - began_s)
        section.figures.append(figure)
    return section


def indexes(server: Server, pods: int, runs: int) -> Section:
    """What owners, references and labels in a store's indexes cost each pod, beside a store without any index."""
    from benchmarks.micro import pods_files

    section = Section(f"Index cost of a pod ({pods:,} of them)")
    with pods_files(server, pods) as (file,):
        for what, suffix, number, unit in (("time", "", "seconds", "µs"), ("memory", "_size", "bytes", "kB")):
            figures = {who: Figure(what, who, unit) for who in ("with indexes", "without")}
            for _ in range(1 if suffix else runs):
                for who, figure in figures.items():
                    case = f"index.{who.replace(' ', '_')}{suffix}"
                    figure.values.append(measure(case, str(file))[number] / pods)
            section.figures += figures.values()
    return section


def cold(server: Server, runs: int) -> Section:
    """Discovery and all lists at once, as the command makes them, beside the same lists one after the other."""
    section = Section(f"Related, cold ({server.name})")
    ours = Figure("everything read", "all at once", "s", against="one after the other")
    serial = Figure("everything read", "one after the other", "s")
    slowest = Figure("the slowest list alone", "one after the other", "s")
    for _ in range(runs):
        ours.values.append(_at_once(server))
        times = list(_one_by_one(server))
        serial.values.append(sum(times))
        slowest.values.append(max(times))
    section.figures += [ours, serial, slowest]
    return section


def _at_once(server: Server) -> float:
    api = connect(load(Flags(kubeconfig=str(server.kubeconfig)), {}))
    try:
        began_s = time.perf_counter()
        lists = DirectLists(api)
        served = lists.discover()
        anyio.run(lists.read, [Want(kind) for kind in served.searched], Head(None, "", None), served)
        return time.perf_counter() - began_s
    finally:
        api.close()


def _one_by_one(server: Server) -> Iterator[float]:
    api = connect(load(Flags(kubeconfig=str(server.kubeconfig)), {}), qps=0)
    try:
        for kind in DirectLists(api).discover().searched:
            began_s = time.perf_counter()
            lister, decode = Lister(api, source_of(kind)), decoder(kind)
            while True:
                page = lister.next_page()
                for item in page.items:
                    decode(item)
                if page.is_last:
                    break
            yield time.perf_counter() - began_s
    finally:
        api.close()
