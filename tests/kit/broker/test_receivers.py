"""Who would receive a message, read from the traces of all nodes that it passes."""

from __future__ import annotations

from typing import Any

from omnisession_conformance.traffic.receivers import Receivers, read_receivers

KIT = ("NODE1", 5)


def node(name: str, *events: dict[str, Any], hop: str = "") -> dict[str, Any]:
    header = {"Nats-Trace-Hop": [hop]} if hop else {}
    return {"server": {"id": name}, "request": {"header": header}, "events": list(events)}


def client(cid: int, **more: str) -> dict[str, Any]:
    return {"type": "eg", "kind": 0, "cid": cid, **more}


def on(name: str, kind: int = 1, **more: str) -> dict[str, Any]:
    return {"type": "eg", "kind": kind, "cid": 9, "name": name, **more}


def into(account: str) -> dict[str, Any]:
    return {"type": "si", "acc": account}


def read(*traces: Any) -> Receivers:
    return read_receivers(traces, [KIT])


def test_the_kits_own_connections_are_left_out_at_their_node_alone() -> None:
    here, there = client(5), client(5, sub="session.*.*.control", queue="omnisession")
    assert read(node("NODE1", here, client(6))).clients == (client(6),)
    told = read(node("NODE1", here, on("n2", hop="1")), node("NODE2", there, hop="1"))
    assert told == Receivers((there,), far=True)


def test_a_node_that_has_yet_to_tell_is_waited_for() -> None:
    told = read(
        node("NODE1", on("n2", hop="1"), on("n3", hop="2")), node("NODE2", client(7), hop="1")
    )
    assert told == Receivers((client(7),), "node n3 tells nothing", waits=True, far=True)
    assert read() == Receivers((), "the broker does not answer trace-only probes", waits=True)


def test_a_node_that_cannot_tell_is_not_waited_for() -> None:
    told = read(node("NODE1", on("old", kind=4, error="no support")))
    assert told == Receivers((), "it goes on to node old: no support", far=True)


def test_another_account_is_named_whether_it_tells_or_not() -> None:
    silent = read(node("NODE1", client(5), into("S")))
    assert silent == Receivers(
        (), "it is imported from account S, which allows no traces", account="S"
    )
    told = read(node("NODE1", into("S"), client(8, acc="S")))
    assert told == Receivers((client(8, acc="S"),), account="S")
    behind = read(node("NODE1", into("S"), on("n2", hop="1")), node("NODE2", client(3), hop="1"))
    assert behind == Receivers((client(3),), account="S", far=True)


def test_what_no_broker_sends_tells_nothing() -> None:
    twice = read(node("NODE1", on("n2", hop="1")), node("X", hop="1"), node("Y", hop="1"))
    assert twice.untold == "two traces came of one node, which no broker sends"
    for odd in ({}, {"events": 7, "request": {"header": {"Nats-Trace-Hop": [3]}}}):
        assert read(odd).clients == ()
