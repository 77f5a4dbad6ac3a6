"""The mail server in one line."""

from __future__ import annotations

import pytest

from welfare_desk.domain.mail_addresses import is_mail_address, mail_server
from welfare_desk.errors import Refused


def test_the_whole_line_is_read() -> None:
    server = mail_server("smtps://hr%40example.com:p%40ss%3Aw%2Frd@mail.example.com?from=人力资源 <hr@example.com>")
    assert (server.security, server.host, server.port) == ("smtps", "mail.example.com", 465)
    assert (server.user, server.password) == ("hr@example.com", "p@ss:w/rd")
    assert (server.sender, server.sender_address) == ("人力资源 <hr@example.com>", "hr@example.com")


def test_nothing_shows_the_password() -> None:
    server = mail_server("smtp+starttls://hr:geheim@mail.example.com?from=hr@example.com")
    assert "geheim" not in repr(server) + server.shown
    assert server.shown == "smtp+starttls://hr:***@mail.example.com:587"


@pytest.mark.parametrize(
    ("written", "sender", "expected"),
    [
        ("smtp://relay.local:2525", "a@example.com", "a@example.com"),
        ("smtps://me%40example.com:x@h", "", "me@example.com"),
        ("smtps://me%40example.com:x@h?from=b@example.com", "a@example.com", "b@example.com"),
    ],
)
def test_the_sender_is_what_is_nearest(written: str, sender: str, expected: str) -> None:
    assert mail_server(written, sender=sender).sender == expected


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("mail.example.com:25", "mail_server_address"),
        ("http://mail.example.com?from=a@example.com", "mail_server_address"),
        ("smtp://?from=a@example.com", "mail_server_address"),
        ("smtp://h:99999?from=a@example.com", "mail_server_address"),
        ("smtp://h/path?from=a@example.com", "mail_server_address"),
        ("smtp://h?form=a@example.com", "mail_server_address"),
        ("smtp://h", "mail_sender_missing"),
        ("smtp://user:x@h", "mail_sender_missing"),
        ("smtp://h?from=nobody", "mail_sender_missing"),
        ("smtp://h?from=a@example.com%0d%0aBcc: b@example.com", "mail_sender_missing"),
    ],
)
def test_what_cannot_work_is_refused(written: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        mail_server(written)
    assert (refused.value.code, refused.value.field) == (code, "smtp")


@pytest.mark.parametrize("good", ["a@example.com", "root@localhost", "张三@例子.中国", "a+b@x.co"])
def test_addresses_are_checked_by_form_only(good: str) -> None:
    assert is_mail_address(good)


@pytest.mark.parametrize(
    "bad", ["", "a", "@b.c", "a@", "a@b", "a b@c.d", "a@b.c\n", "a,b@c.d", "a@b.c, d@e.f", "<a@b.c>"]
)
def test_what_is_no_address_is_seen(bad: str) -> None:
    assert not is_mail_address(bad)
