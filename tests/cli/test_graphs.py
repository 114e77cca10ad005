"""Edges as drawings for other programs: every line is one that they can read, whatever objects are called."""

from __future__ import annotations

import json
import re
from typing import Any

from kite_tui.cli import graphs
from kite_tui.demo.resources import CONFIG_MAPS, DISRUPTION_BUDGETS
from kite_tui.objects.kinds import DEPLOYMENTS, PODS, Kind
from kite_tui.queries.related import edges
from tests.hostile import HARMFUL
from tests.queries.test_tree import SHOP
from tests.queries.things import Thing, centre, reading, thing

DOT_NODE = re.compile(r'  n(\d+) \[label=("(?:[^"\\\n]|\\.)*")(, style=(?:bold|dashed))?\];')
DOT_EDGE = re.compile(r'  n(\d+) -> n(\d+) \[label=("(?:[^"\\\n]|\\.)*")\];')
MERMAID_NODE = re.compile(r'  n(\d+)\["([^"#&<>|\[\]{}`\n]|#\d+;|<br/>)*"\]')
MERMAID_EDGE = re.compile(r'  n(\d+) -->\|"([^"#&<>|\[\]{}`\n]|#\d+;)*"\| n(\d+)')


def dot_of(text: str) -> tuple[dict[int, str], list[tuple[int, int, str]]]:
    """Nodes and edges; every line has to be one."""
    head, layout, boxes, *lines, end = text.splitlines()
    assert (head, layout.strip(), boxes.strip()[:4], end) == ("digraph related {", "rankdir=LR;", "node", "}")
    nodes: dict[int, str] = {}
    edges: list[tuple[int, int, str]] = []
    for line in lines:
        if match := DOT_NODE.fullmatch(line):
            nodes[int(match[1])] = json.loads(match[2])
        else:
            match = DOT_EDGE.fullmatch(line)
            assert match, line
            edges.append((int(match[1]), int(match[2]), json.loads(match[3])))
    assert {end for edge in edges for end in edge[:2]} <= set(nodes)
    return nodes, edges


def mermaid_of(text: str) -> tuple[int, int]:
    """How many nodes and edges; every line has to be one."""
    head, *lines, style = text.splitlines()
    assert (head, style) == ("flowchart LR", "  style n0 stroke-width:3px")
    nodes = [line for line in lines if MERMAID_NODE.fullmatch(line)]
    edges = [match for line in lines if (match := MERMAID_EDGE.fullmatch(line))]
    assert len(nodes) + len(edges) == len(lines), lines
    assert {int(end) for match in edges for end in (match[1], match[3])} <= set(range(len(nodes)))
    return len(nodes), len(edges)


def drawn(kind: Kind[Any], name: str, *things: Thing) -> tuple[str, str]:
    """As dot, and as mermaid."""
    relations, vertex = centre(reading(*(things or SHOP)), kind, name)
    found = edges(relations, vertex)
    return graphs.dot(vertex, found), graphs.mermaid(vertex, found)


def test_dot_is_a_digraph_from_who_refers_to_what_is_named() -> None:
    text, _ = drawn(DEPLOYMENTS, "web")
    nodes, edges_drawn = dot_of(text)
    assert nodes[0] == "Deployment\nshop/web"
    assert "style=bold" in text.splitlines()[3]
    named = {(nodes[a], nodes[b], why) for a, b, why in edges_drawn}
    assert ("Pod\nshop/web-1-a", "ReplicaSet\nshop/web-1", "owner") in named
    assert ("Ingress\nshop/shop", "Service\nshop/web", "default backend") in named
    (absent,) = [line for line in text.splitlines() if "dashed" in line]
    assert "ServiceAccount\\nshop/default\\n(missing)" in absent


def test_mermaid_is_a_flowchart_with_the_same_nodes_and_edges() -> None:
    dot, mermaid = drawn(DEPLOYMENTS, "web")
    nodes, edges_drawn = dot_of(dot)
    assert mermaid_of(mermaid) == (len(nodes), len(edges_drawn)) == (8, 7)


def test_an_edge_that_two_walks_came_upon_is_drawn_once() -> None:
    nodes, edges_drawn = dot_of(drawn(PODS, "web-1-a")[0])
    assert len(edges_drawn) == len(set(edges_drawn))
    assert len(nodes) == len(set(nodes.values()))


def test_an_object_alone_is_a_drawing_too() -> None:
    dot, mermaid = drawn(CONFIG_MAPS, "alone", thing(CONFIG_MAPS, "alone"))
    assert dot_of(dot) == ({0: "ConfigMap\nshop/alone"}, [])
    assert mermaid_of(mermaid) == (1, 0)


HOSTILE = (
    *('"];}', "a\nb", "x\\", "\\n\\", "|]--> b", "#quot;", "<script>", "`${x}`", "{{x}}", "\u6771\u4eac"),
    *("\x1b[31m\x9b2J\u202e", "end", "--", "%%{init}%%", "&lt;b&gt;", '"', "\\", "\r\n"),
)


def test_drawings_of_hostile_names_stay_well_formed() -> None:
    things = [thing(CONFIG_MAPS, "settings")]
    for at, text in enumerate(HOSTILE):
        env = [{"name": text, "valueFrom": {"configMapKeyRef": {"name": "settings"}}}]
        things.append(thing(PODS, f"p{at}{text}", spec={"containers": [{"name": "a", "env": env}]}))
        things.append(thing(DISRUPTION_BUDGETS, text, spec={"selector": {"matchLabels": {text: text}}}))
        things.append(thing(PODS, f"q{at}", labels={text: text}, spec={"containers": [{"name": "a", "env": env}]}))
    dot, mermaid = drawn(CONFIG_MAPS, "settings", *things)
    nodes, edges_drawn = dot_of(dot)
    assert len(nodes) == 1 + 3 * len(HOSTILE)
    assert mermaid_of(mermaid) == (len(nodes), len(edges_drawn))
    assert {f"Pod\nshop/p{at}{text}" for at, text in enumerate(HOSTILE) if text.isprintable()} <= set(nodes.values())
    assert not HARMFUL.findall(dot + mermaid)
