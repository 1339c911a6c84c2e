"""Reports of a run that tested a server and a client together name both."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from tests.kit.report.samples import TARGET, all_green

from omnisession_conformance.report.badge import badge
from omnisession_conformance.report.html import html
from omnisession_conformance.report.junit import junit
from omnisession_conformance.report.markdown import markdown
from omnisession_conformance.report.overview import about, target_names
from omnisession_conformance.report.summary import summary
from omnisession_conformance.report.terminal import compose
from omnisession_conformance.report.words import headline
from omnisession_conformance.results import Results, RunStatus

CLIENT = replace(
    TARGET,
    command="./client",
    name="example-client",
    version="1.0",
    profiles=("core", "hybrid", "optimistic"),
    limits={},
    role="client",
)


@pytest.fixture
def both() -> Results:
    return replace(all_green(), targets=(TARGET, CLIENT))


def test_each_is_told_with_what_it_declares(both: Results) -> None:
    assert about(both)[:5] == [
        ("Server", "example-server 2.4.1, started with: ./server --quiet"),
        ("Declares", "profiles core, events, articles; kinds articles, chat"),
        ("Client", "example-client 1.0, started with: ./client"),
        ("Declares", "profiles core, hybrid, optimistic; kinds articles, chat"),
        ("Broker", "NATS 2.15.1 at nats://127.0.0.1:41222"),
    ]


def test_one_alone_is_the_target() -> None:
    assert [label for label, _ in about(all_green())][:3] == ["Target", "Declares", "Broker"]


def test_both_stand_in_the_reports_for_people(both: Results) -> None:
    text = "\n".join(line.plain for line in compose(both).lines)
    for said in (text, markdown(both), html(both)):
        assert "example-server 2.4.1" in said
        assert "example-client 1.0" in said


def test_both_stand_in_the_files_for_programs(both: Results) -> None:
    told = json.loads(summary(both))
    assert told["target"] == told["targets"][0]
    assert [(t["role"], t["name"]) for t in told["targets"]] == [
        ("server", "example-server"),
        ("client", "example-client"),
    ]
    said = junit(both)
    for name, value in (
        ("target", "example-server 2.4.1"),
        ("client-target", "example-client 1.0"),
        ("client-profiles", "core hybrid optimistic"),
    ):
        assert f'<property name="{name}" value="{value}" />' in said


def test_a_badge_names_both(both: Results) -> None:
    shown = badge(both)
    assert shown is not None
    assert shown.message == (
        "conformant: server:core, server:events, server:articles, client:core, client:hybrid, "
        "client:optimistic (9 of 9); not declared: client:states, client:events, client:digests, "
        "client:articles, client:chat, client:url, client:user, client:actions"
    )
    assert shown.title.endswith("(example-server 2.4.1 and example-client 1.0)")


def test_one_that_did_not_answer_is_named(both: Results) -> None:
    nobody = replace(CLIENT, name=None, version=None, mode="attach", command=None)
    lost = replace(both, targets=(TARGET, nobody))
    assert target_names(lost) == "example-server 2.4.1 and no client"
    assert ("Client", "no client answered") in about(lost)
    footer = replace(lost.end, run_status=RunStatus.ABORTED, exit_code=3, reason="No client.")
    assert headline(replace(lost, footer=footer)).verdict.startswith("NO VERDICT: ")
