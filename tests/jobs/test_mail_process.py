"""Mail as it really leaves: by the jobs process, which is killed in mid-run and started again."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.support.mail import link_in, mail_sink
from tests.support.processes import Cli
from tests.support.script import people_list, plan
from tests.support.waiting import wait_until


@pytest.mark.slow
def test_a_killed_jobs_process_repeats_one_mail_at_most(cli: Cli, tmp_path: Path) -> None:
    product = cli.json("shelf", "add", "--product", "会员月卡", "--price", "10", "--kind", "coupon")["product"]
    codes = tmp_path / "codes.txt"
    codes.write_text("".join(f"CODE-{number:03}\n" for number in range(12)), encoding="utf-8")
    cli.run("shelf", "on", product)
    cli.run("stock", "import", product, codes, "--wait")
    cli.run("people", "import", people_list(tmp_path / "list.xlsx", 12))
    launched = cli.json("campaign", "launch", plan(tmp_path / "plan.toml", product, channels=["email"]))
    assert (launched["grants"], launched["unreachable"]) == (12, 0)
    with mail_sink() as sink:
        first = cli.start("jobs", WELFARE_DESK_SMTP=sink.address())

        def kill(_recipient: str) -> None:
            if len(sink.mails) == 4:
                first.process.kill()

        sink.on_data = kill
        wait_until(lambda: first.process.poll() is not None, 60)
        sink.on_data = None
        cli.start("jobs", WELFARE_DESK_SMTP=sink.address())
        wait_until(lambda: len(set(sink.recipients())) == 12, 60)
        sent = lambda: cli.json("campaign", "show", launched["campaign"])["messages"]["sent"]  # noqa: E731
        wait_until(lambda: sent() == 12, 30)
    counted = Counter(sink.recipients())
    assert sum(counted.values()) <= 13
    for recipient in counted:
        mails = [mail for mail in sink.mails if str(mail["To"]) == recipient]
        assert len({(mail["Message-ID"], link_in(mail)) for mail in mails}) == 1
    assert cli.json("campaign", "show", launched["campaign"])["reached"] == 12
