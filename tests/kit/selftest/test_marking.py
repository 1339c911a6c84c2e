"""How a faulty target is started: a server by its environment, a client by two options."""

from __future__ import annotations

from tests.kit.selftest.made import faults

from omnisession_conformance.engine.role import NullTarget
from omnisession_conformance.selftest.listing import Listing
from omnisession_conformance.selftest.marking import marked
from omnisession_conformance.selftest.matrix import Reruns
from omnisession_conformance.selftest.plan import Suite, Wish, make_trials, widened
from omnisession_conformance.selftest.trial import FAULT_VARIABLE, Kind, Trial

(FAULT,) = faults("slow")
SUITE = Suite(("one", "two"))


def of_the_fault(role: str, on: str | None = None) -> Trial:
    planned = make_trials(Listing((FAULT,)), SUITE, Wish(only=("slow",), on=on))
    return next(marked(trial, role) for trial in planned if trial.kind is Kind.FAULT)


def test_a_server_is_told_by_its_environment() -> None:
    trial = of_the_fault("server")
    assert (trial.env, trial.arguments) == ({FAULT_VARIABLE: "slow"}, ())


def test_a_client_is_told_by_options_and_judged_as_one() -> None:
    trial = of_the_fault("client")
    assert (trial.env, trial.arguments) == ({}, ("--fault", "slow"))
    assert trial.selection.role == "client"
    assert of_the_fault("client", on="odd").arguments == ("--variant", "odd", "--fault", "slow")


def test_the_whole_suite_is_that_of_the_role_too() -> None:
    whole = widened(of_the_fault("client"))
    assert (whole.selection.role, whole.selection.filtered) == ("client", False)
    assert whole.arguments == ("--fault", "slow")


def test_a_client_is_judged_again_by_its_command_with_the_fault() -> None:
    of_a_client = Reruns(command=("./adapter", "--port", "1"), role="client")
    assert of_a_client.fault(FAULT) == (
        f"omnisession check --client-cmd './adapter --port 1 --fault slow' --only {FAULT.requirement}"
    )
    assert of_a_client.plain() == "omnisession check --client-cmd './adapter --port 1'"
    of_a_server = Reruns(("--server-cmd", "./server"))
    assert of_a_server.fault(FAULT) == (
        f"OMNISESSION_FAULT=slow omnisession check --server-cmd ./server --only {FAULT.requirement}"
    )
    assert Reruns(on="odd").plain() == "OMNISESSION_VARIANT=odd omnisession check"


def test_a_deployment_is_judged_again_while_its_command_runs() -> None:
    of_a_deployment = Reruns(command=("./brokers", "--fast"), role="deployment")
    assert of_a_deployment.fault(FAULT) == (
        f"./brokers --fast --fault slow -- omnisession check --only {FAULT.requirement}"
    )
    assert of_a_deployment.plain() == "./brokers --fast -- omnisession check"
    null = NullTarget("none", "Is none.", ("./brokers", "--null", "none"))
    assert of_a_deployment.null(null) == "./brokers --null none -- omnisession check"
