"""Life: stories that each change one object at a time, told in turns at a given rate.

A story is a generator that yields after every change; which one goes on next is drawn from the cluster's own random
source, so the series of changes depends on the seed alone, and only their times on the clock.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from msgspec.structs import replace

from kite_tui.demo.cluster import Cluster, about_pod
from kite_tui.demo.faults import warning_of
from kite_tui.demo.makers import back_off, new_job, new_replicaset, no_node
from kite_tui.demo.pods import Pod
from kite_tui.demo.resources import CRONJOBS, REPLICASETS
from kite_tui.demo.statuses import State
from kite_tui.demo.workloads import Group, Parent
from kite_tui.objects.kinds import DEPLOYMENTS

Story = Iterator[None]

AT_ONCE = 8
"""Stories under way."""

_MAX_ROLLOUT = 40  # replicas: a larger one would take the better part of an hour
_HISTORY = 3  # finished jobs kept of a CronJob


class Life:
    """Tells stories about a cluster. `step` makes one change; `run` makes them at a rate until stopped."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._random = cluster.random
        self._stories: list[Story] = []
        self._busy: set[str] = set()  # names of workloads that a story is about

    def step(self) -> None:
        """Make the next change. It holds the world's lock, so readers see an object and its owners' counts agree."""
        while True:
            while len(self._stories) < AT_ONCE:
                self._stories.append(self._new_story())
            story = self._random.choice(self._stories)
            with self._cluster.world.lock:
                try:
                    next(story)
                except StopIteration:
                    self._stories.remove(story)
                    continue
            return

    def run(self, rate: float, stopped: threading.Event, clock: Callable[[], float] = time.monotonic) -> None:
        """Make `rate` changes a second. Falls behind rather than catching up after a pause."""
        due_s = clock()
        while not stopped.is_set():
            before = self._cluster.world.revision
            self.step()
            changes = self._cluster.world.revision - before
            due_s = max(due_s + changes / rate, clock() - 1)
            stopped.wait(max(0.0, due_s - clock()))

    def _new_story(self) -> Story:
        draw = self._random.random()
        if draw < 0.30:
            return self._heartbeats()
        if draw < 0.55:
            return self._trouble()
        if draw < 0.70:
            return self._restart()
        if draw < 0.82:
            return self._replacement()
        if draw < 0.92:
            return self._job()
        return self._rollout()

    def _heartbeats(self) -> Story:
        """Kubelets report."""
        nodes = list(self._cluster.nodes.values())
        for node in self._random.sample(nodes, min(4, len(nodes))):
            self._cluster.beat(node)
            yield

    def _trouble(self) -> Story:
        """A pod that is in trouble stays so, and it is told again: a crash loop starts and crashes once more, and the
        scheduler has another try."""
        group = self._pick(lambda group: any(warning_of(pod) for pod in group.pods.values()))
        pods = [pod for pod in group.pods.values() if warning_of(pod)] if group else []
        if group is None or not pods:
            return
        pod = self._random.choice(pods)
        if pod.state is State.UNSCHEDULABLE and not pod.deleted_s and group.name not in self._busy:
            yield from self._schedule(group, pod)
            return
        if pod.state is State.CRASH_WAITING and not pod.deleted_s:
            now_s = self._cluster.now_s
            running = replace(pod, state=State.CRASH_RUNNING, started_s=now_s, restarts=pod.restarts + 1, note="")
            self._cluster.put(group, running)
            yield
            if not self._is_current(group, running):
                return
            now_s = self._cluster.now_s
            crashed = replace(running, state=State.CRASH_WAITING, changed_s=running.started_s, ended_s=now_s)
            pod = replace(crashed, note=back_off(crashed))
            self._cluster.put(group, pod)
            yield
        if self._is_current(group, pod):
            self._warn(pod)
            yield

    def _restart(self) -> Story:
        """A container dies and is started again: unready for a moment."""
        group = self._pick(lambda group: group.kind is REPLICASETS)
        pod = self._ready_pod(group)
        if group is None or pod is None:
            return
        now_s = self._cluster.now_s
        down = replace(
            pod, state=State.CRASH_RUNNING, restarts=pod.restarts + 1, ended_s=now_s, started_s=now_s, changed_s=now_s
        )
        self._cluster.put(group, down)
        yield
        if not self._is_current(group, down):
            return
        message = f"Liveness probe failed: HTTP probe failed with statuscode: {self._random.choice((500, 502, 503))}"
        self._cluster.tell("Pod", about_pod(down), "Unhealthy", message, component="kubelet")
        yield
        if self._is_current(group, down):
            self._cluster.put(group, replace(down, state=State.RESTARTED, changed_s=self._cluster.now_s))
            yield

    def _replacement(self) -> Story:
        """A pod is deleted and its ReplicaSet makes another."""
        group = self._pick(lambda group: group.kind is REPLICASETS and group.replicas > 0)
        pod = self._ready_pod(group)
        if group is None or pod is None or group.name in self._busy:
            return
        self._busy.add(group.name)
        ending = self._end(group, pod)
        next(ending)
        yield
        yield from self._start(group)
        yield from ending
        self._busy.discard(group.name)

    def _job(self) -> Story:
        """A CronJob's next Job runs to its end, and its oldest one is cleaned up."""
        parents = [parent for parent in self._cluster.parents if parent.kind is CRONJOBS]
        if not parents:
            return
        parent = self._random.choice(parents)
        if f"{parent.namespace}/{parent.name}" in self._busy:
            return
        self._busy.add(f"{parent.namespace}/{parent.name}")
        open_jobs = [group for group in parent.groups if not group.ended_s]
        if open_jobs:
            group = open_jobs[0]
        else:
            created_s = max(self._cluster.now_s, max(group.created_s for group in parent.groups) + 60)
            group = new_job(self._cluster, parent.app, parent.namespace, parent, created_s)
            self._cluster.report(group)
            yield
            yield from self._start(group)
        pod = next(iter(group.pods.values()), None)
        if pod is not None and pod.phase == "Running" and not pod.deleted_s:
            failed = parent.app.fault == "job" and self._random.random() < 0.3
            state = State.FAILED if failed else State.SUCCEEDED
            group.ended_s = self._cluster.now_s
            ended = replace(pod, state=state, ended_s=group.ended_s, changed_s=group.ended_s)
            self._cluster.put(group, ended)
            yield
            if warning_of(ended):
                self._warn(ended)
                yield
        while len([one for one in parent.groups if one.ended_s]) > _HISTORY:
            oldest = next(one for one in parent.groups if one.ended_s)
            for pod in list(oldest.pods.values()):
                self._cluster.remove(oldest, pod)
                yield
            self._cluster.drop_group(oldest)
            yield
        self._busy.discard(f"{parent.namespace}/{parent.name}")

    def _rollout(self) -> Story:
        """A Deployment gets a new template: its new ReplicaSet grows while the old one shrinks."""
        parents = [
            parent
            for parent in self._cluster.parents
            if parent.kind is DEPLOYMENTS and not parent.app.fault and 1 < parent.replicas <= _MAX_ROLLOUT
        ]
        if not parents:
            return
        parent = self._random.choice(parents)
        old = parent.groups[-1]
        if old.name in self._busy or old.counts()[0] != parent.replicas:
            return
        self._busy.add(old.name)
        parent.revision += 1
        new = new_replicaset(self._cluster, parent, self._cluster.now_s)
        self._busy.add(new.name)
        self._cluster.report(new)
        yield
        surge = max(1, parent.replicas // 4)
        while new.replicas < parent.replicas:
            step = min(surge, parent.replicas - new.replicas)
            new.replicas += step
            for _ in range(step):
                yield from self._start(new)
            yield from self._shrink(old, parent, step)
        yield from self._drop_oldest(parent)
        self._busy -= {old.name, new.name}

    def _shrink(self, old: Group, parent: Parent, step: int) -> Story:
        old.replicas = max(0, old.replicas - step)
        self._cluster.report(old)
        yield
        for pod in [pod for pod in old.pods.values() if not pod.deleted_s][:step]:
            yield from self._end(old, pod)
        if old.replicas == 0:
            for pod in list(old.pods.values()):
                self._cluster.remove(old, pod)
                yield

    def _drop_oldest(self, parent: Parent) -> Story:
        while len(parent.groups) > _HISTORY and not parent.groups[0].pods:
            self._cluster.drop_group(parent.groups[0])
            yield

    def _start(self, group: Group) -> Story:
        """A new pod: queued, bound, its containers made, running."""
        cluster = self._cluster
        ordinal = len(group.pods)
        pod = cluster.new_pod(group, cluster.now_s, ordinal)
        cluster.put(group, pod)
        yield
        yield from self._schedule(group, pod)

    def _schedule(self, group: Group, pod: Pod) -> Story:
        """A pod without a node gets one and starts, or it is told why there is none."""
        cluster = self._cluster
        node = None if group.template.app.fault == "claim" else cluster.find_node(group)
        if node is None:
            pod = replace(pod, state=State.UNSCHEDULABLE, note=no_node(cluster, group))
            cluster.put(group, pod)
            yield
            self._warn(pod)
            yield
            return
        pod = cluster.bind(pod, node, State.CREATING, cluster.now_s)
        cluster.put(group, pod)
        yield
        if any(one.get("restartPolicy") != "Always" for one in group.template.init_containers):
            pod = replace(pod, state=State.INITIALIZING, started_s=cluster.now_s)
            cluster.put(group, pod)
            yield
        now_s = cluster.now_s
        cluster.put(group, replace(pod, state=State.RUNNING, started_s=now_s, changed_s=now_s))
        yield

    def _end(self, group: Group, pod: Pod) -> Story:
        """A pod is asked to end, and is gone."""
        current = group.pods.get(pod.name)
        if current is None:
            return
        ending = replace(current, deleted_s=self._cluster.now_s + 30)
        self._cluster.put(group, ending)
        yield
        current = group.pods.get(pod.name)
        if current is not None:
            self._cluster.remove(group, current)
            yield

    def _warn(self, pod: Pod) -> None:
        warning = warning_of(pod)
        if warning:
            reason, message, component, _ = warning
            self._cluster.tell("Pod", about_pod(pod), reason, message, component=component)

    def _pick(self, wanted: Callable[[Group], bool]) -> Group | None:
        """A group that fits, from a few drawn ones and then from all."""
        groups = self._cluster.groups
        for _ in range(20):
            group = self._random.choice(groups)
            if wanted(group):
                return group
        return next((group for group in groups if wanted(group)), None)

    def _ready_pod(self, group: Group | None) -> Pod | None:
        ready = [pod for pod in group.pods.values() if pod.is_ready and not pod.deleted_s] if group else []
        return self._random.choice(ready) if ready else None

    def _is_current(self, group: Group, pod: Pod) -> bool:
        """Whether the pod is still as this story left it; another one may have ended it."""
        return group.pods.get(pod.name) is pod
