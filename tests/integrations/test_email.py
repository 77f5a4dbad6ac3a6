"""The e-mail channel against a real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.mail import PASSWORD, Sink, link_in, mail_sink, self_signed
from tests.support.processes import free_port
from welfare_desk.domain.mail_addresses import mail_server
from welfare_desk.domain.plans import CHANNELS as PLANNED
from welfare_desk.errors import Unavailable
from welfare_desk.integrations.channels.base import Delivery, Letter
from welfare_desk.integrations.channels.email import Email
from welfare_desk.integrations.channels.registry import CHANNELS

URL = "HTTP://10.0.0.5:8080/C/" + "A" * 40
LOGIN = "hr%40example.com:p%40ss%3Aw%2Frd@"


def letter(to: str = "p1@example.com", subject: str = "中秋福利") -> Letter:
    html = f'<p>你好</p><a href="{URL}">领取</a>'
    return Letter(to, subject, f"你好\n{URL}\n", html, "<1.welfare-desk@example.com>")


def send(sink: Sink, *letters: Letter, login: str = "", sender: str = "hr@example.com") -> list[Delivery]:
    channel = Email(mail_server(sink.address(sender, login)), timeout_s=5)
    with channel.session() as session:
        return [session.send(one) for one in letters]


def test_every_channel_of_plans_is_there() -> None:
    assert set(CHANNELS) == set(PLANNED)


def test_a_mail_arrives_as_it_was_meant() -> None:
    with mail_sink() as sink:
        assert send(sink, letter(), sender="人力资源 <hr@example.com>") == [Delivery("sent")]
    [mail] = sink.mails
    assert (mail["To"], mail["Subject"]) == ("p1@example.com", "中秋福利")
    assert str(mail["From"]) == "人力资源 <hr@example.com>"
    assert (mail["Message-ID"], mail["Auto-Submitted"]) == ("<1.welfare-desk@example.com>", "auto-generated")
    assert mail["Date"]
    assert link_in(mail) == URL


def test_a_batch_uses_one_connection() -> None:
    with mail_sink() as sink:
        send(sink, *(letter(f"p{n}@example.com") for n in range(5)))
        assert (sink.sessions, len(sink.mails)) == (1, 5)


def test_line_breaks_cannot_become_headers() -> None:
    with mail_sink() as sink:
        evil = "福利\r\nBcc: thief@example.com\r\n\r\nbody"
        deliveries = send(sink, letter(subject=evil), letter(to="a@example.com\r\nBcc: thief@example.com"))
    assert [delivery.state for delivery in deliveries] == ["sent", "refused"]
    [mail] = sink.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "福利 Bcc: thief@example.com body"


@pytest.mark.parametrize("to", ["", "nobody", "a@example.com, b@example.com", "a b@example.com", "<>"])
def test_what_is_no_address_is_refused_for_good(to: str) -> None:
    with mail_sink() as sink:
        assert send(sink, letter(to)) == [Delivery("refused", "address_unreadable")]
    assert sink.mails == []


@pytest.mark.parametrize(
    ("rcpt", "data", "state", "code", "stop"),
    [
        ("550 5.1.1 no such user p1@example.com", "250 OK", "refused", "recipient_refused", False),
        ("450 4.2.0 greylisted", "250 OK", "later", "recipient_refused", False),
        ("250 OK", "552 too big", "refused", "content_refused", False),
        ("250 OK", "451 try again", "later", "content_refused", False),
        ("250 OK", "554 5.7.1 looks like spam", "later", "mail_policy_refused", True),
    ],
)
def test_refusals_are_told_apart(rcpt: str, data: str, state: str, code: str, stop: bool) -> None:
    with mail_sink() as sink:
        sink.answers["p1@example.com"], sink.data_answers["p1@example.com"] = rcpt, data
        refused, other = send(sink, letter(), letter("p2@example.com"))
    assert (refused.state, refused.code, refused.stop) == (state, code, stop)
    assert "p1@" not in refused.detail
    assert other == Delivery("sent")


def test_a_server_that_breaks_off_is_away() -> None:
    with mail_sink() as sink:
        sink.answers["p1@example.com"] = "421 going down"
        with pytest.raises(Unavailable) as away:
            send(sink, letter())
    assert away.value.code == "mail_server_away"


def test_nobody_there_is_said() -> None:
    nowhere = Sink(free_port())
    with pytest.raises(Unavailable) as away:
        send(nowhere, letter())
    assert away.value.code == "mail_server_away"


def test_login_works_and_a_wrong_one_is_told_without_the_password() -> None:
    with mail_sink(login=True) as sink:
        assert send(sink, letter(), login=LOGIN) == [Delivery("sent")]
        with pytest.raises(Unavailable) as refused:
            send(sink, letter(), login="hr%40example.com:wrong-horse@")
    assert refused.value.code == "mail_login_refused"
    assert "wrong-horse" not in str(refused.value)
    assert PASSWORD not in str(refused.value)


@pytest.mark.parametrize("security", ["smtps", "smtp+starttls"])
def test_certificates_are_checked(security: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = self_signed(tmp_path)
    with mail_sink(security=security, certificate=certificate) as sink:
        with pytest.raises(Unavailable) as untrusted:
            send(sink, letter())
        assert untrusted.value.code == "mail_certificate"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert send(sink, letter()) == [Delivery("sent")]
