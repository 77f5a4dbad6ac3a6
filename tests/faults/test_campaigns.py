"""The short version of `python3 dev.py faults`: a few rounds of every campaign, and that each has teeth."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.faults import run, simulator
from tests.faults.checker import History
from tests.faults.result import Result, sliced
from tests.faults.run import CAMPAIGNS, Campaign
from tests.support.processes import ROOT, clean_environment

pytestmark = pytest.mark.logs
LINUX = sys.platform == "linux"
KILLS = ("service", "postgres", "power", "power-sqlite", "disk", "outbox", "last-code")
QUICK = [campaign for campaign in CAMPAIGNS if campaign.name not in KILLS]
SEEDS = 12


def campaign(name: str) -> Campaign:
    [found] = [one for one in CAMPAIGNS if one.name == name]
    return found


@pytest.mark.postgres
@pytest.mark.skipif(not LINUX, reason="resource limits and signals of Linux")
@pytest.mark.parametrize("chosen", QUICK, ids=lambda chosen: chosen.name)
def test_quick_campaigns_break_nothing(chosen: Campaign) -> None:
    result = chosen.run(min(chosen.least, 5) if chosen.share < 1 else 24, 11, "")
    assert result.good(), result.line()


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.skipif(not LINUX, reason="it forks, and mounts where it may")
@pytest.mark.parametrize(
    ("name", "rounds"), [("service", 8), ("postgres", 2), ("power", 2), ("power-sqlite", 3), ("disk", 2), ("outbox", 4)]
)
def test_kills_and_power_cuts_lose_nothing(name: str, rounds: int) -> None:
    result = campaign(name).run(rounds, 11, "")
    assert result.skipped or (result.problems, result.unknown > 0) == ([], True), result.line()


@pytest.mark.slow
@pytest.mark.skipif(not LINUX, reason="it forks")
def test_mutant_that_answers_before_the_commit_is_noticed() -> None:
    assert campaign("service").run(8, 11, "acknowledge before commit").problems


@pytest.mark.skipif(not LINUX, reason="resource limits of Linux")
@pytest.mark.parametrize("name", [
    "restore-sqlite", "clock-sqlite", "disk-sqlite", "disk-journal", "networks", "last-code-sqlite", "contests-sqlite",
])  # fmt: skip
def test_mutants_are_noticed(name: str) -> None:
    """Also so that a mutant which the product has outgrown is seen here, not in a long run."""
    chosen = campaign(name)
    assert {mutant: bool(chosen.run(chosen.trial, 11, mutant).problems) for mutant in chosen.mutants} == dict.fromkeys(
        chosen.mutants, True
    )


def test_simulated_runs_end_well() -> None:
    assert {seed: found for seed in range(1, SEEDS) if (found := simulator.run(seed).problems)} == {}


def test_one_seed_is_one_run_in_every_process() -> None:
    """Also in a process that ran other seeds before: a failing seed must fail again wherever it is looked at."""
    print_trace = """if True:
        import logging
        from tests.faults import simulator
        logging.disable(logging.CRITICAL)
        simulator.run(4)
        print(*simulator.run(3).trace, sep="\\n")"""
    other = subprocess.run(
        [sys.executable, "-c", print_trace], cwd=ROOT, env=clean_environment({}), capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert simulator.run(3).trace == simulator.run(3).trace != simulator.run(4).trace
    assert other.stdout.splitlines() == simulator.run(3).trace


def test_seeds_over_worker_processes(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulator, "MUTANTS", ("retry with a new key",))
    assert run.main(["--seeds", "3", "--seed", "20", "--workers", "2"]) == 0
    summary = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (summary["first"], summary["seeds"], summary["bad"], summary["mutants"]) == (20, 3, [], "1/1")


def test_mutant_orders_under_a_new_key_are_noticed_by_the_simulator() -> None:
    assert any(simulator.run(seed, "retry with a new key").problems for seed in range(1, 30))


def test_a_run_that_hit_nothing_or_missed_a_mutant_is_not_good() -> None:
    assert not Result("x", 100, opened=19, unknown=1, must_leave_unknown=True).good()
    assert not Result("x", 100, opened=50, unknown=0, must_leave_unknown=True).good()
    assert not Result("x", 1, mutants={"no lock": False}).good()
    assert Result("x", 100, opened=20, unknown=1, must_leave_unknown=True, mutants={"no lock": True}).good()


@pytest.mark.parametrize(("opened", "unknown"), [(19, 50), (100, 0)], ids=["hit nothing", "nobody left in the dark"])
def test_a_campaign_that_was_no_test_counts_as_not_run(
    opened: int, unknown: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing lost, every mutant killed: the run fails all the same and says which campaign did not count."""

    def idle(rounds: int, _seed: int, mutant: str) -> Result:
        history = History(lost_answers=unknown)
        return Result.of("idle", rounds, history, ["lost"] if mutant else [], opened)

    monkeypatch.setattr(run, "CAMPAIGNS", (Campaign("service", idle, 1, 1, ("some law",), 1),))
    assert run.main(["--rounds", "100"]) == 1
    line, summary = (json.loads(said) for said in capsys.readouterr().out.splitlines())
    assert (line["counts"], line["lost"], line["mutants"]) == (False, 0, "1/1")
    assert (summary["good"], summary["bad"]) == (False, ["idle"])


def test_slices_of_a_campaign_are_one_result(capsys: pytest.CaptureFixture[str]) -> None:
    seeds: list[int] = []

    def part(rounds: int, seed: int, _mutant: str) -> Result:
        seeds.append(seed)
        return Result("x", rounds, acknowledged=rounds, unknown=1, opened=rounds)

    whole = sliced(part, 10)(25, 7, "")
    assert (whole.rounds, whole.acknowledged, whole.unknown, whole.opened) == (25, 25, 3, 25)
    assert len(set(seeds)) == len(seeds) == 3
    assert seeds[0] == 7
    assert "25 of 25 rounds" in capsys.readouterr().err


def test_rounds_of_one_campaign_can_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["--only", "clock-sqlite", "--rounds-of", "clock-sqlite=2"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["rounds"] == 2


def test_one_line_per_campaign_and_a_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["--rounds", "1", "--only", "clock-sqlite"]) == 0
    first, last = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["lost"], first["doubled"], first["mutants"], first["good"]) == (0, 0, "1/1", True)
    assert (last["summary"], last["campaigns"], last["good"]) == (True, 1, True)
