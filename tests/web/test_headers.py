"""The headers of every route in every state and by every method, and what a page may load."""

from __future__ import annotations

import re

import httpx

from tests.web.scenes import all_scenes
from tests.web.site import Site
from tests.web.test_pages import open_scene

METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE")
OTHERS = (
    "/",
    "/health",
    "/ready",
    "/metrics",
    "/favicon.ico",
    "/robots.txt",
    "/C/",
    "/T/",
    "/S/",
    "/C/AAAA",
    "/%2e%2e",
)
SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def trouble(answer: httpx.Response) -> list[str]:
    """What is wrong with the headers of an answer."""
    headers, found = answer.headers, []
    wanted = {"cache-control": "no-store", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
    found += [f"{name} is {headers.get(name)}" for name, value in wanted.items() if headers.get(name) != value]
    found += [f"{name} is told" for name in ("server", "set-cookie", "x-powered-by", "etag") if name in headers]
    if headers.get("content-type", "").startswith("text/html"):
        found += page_trouble(answer)
    elif not answer.content and answer.request.method != "HEAD" and headers.get("content-length", "0") != "0":
        found.append("length of nothing")
    return found


def page_trouble(answer: httpx.Response) -> list[str]:
    """What is wrong with the policy of a page."""
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    found = [] if "noindex" in answer.headers["x-robots-tag"] else ["may be indexed"]
    found += [f"policy allows {sign}" for sign in ("unsafe", "http:", "https:", "*") if sign in str(policy)]
    expected = {"default-src": "'none'", "img-src": "data:", "form-action": "'self'", "base-uri": "'none'",
                "frame-ancestors": "'none'"}  # fmt: skip
    found += [f"{name} is {policy.get(name)}" for name, value in expected.items() if policy.get(name) != value]
    if re.search(r" (on\w+|style)=", re.sub(r"<(style|script)>.*?</\1>", "", answer.text, flags=re.DOTALL)):
        found.append("inline handler or style")
    return found


def test_every_state_is_sent_with_tight_headers(lite_site: Site) -> None:
    found = {}
    for name, scene in all_scenes(lite_site).items():
        answer = open_scene(lite_site, scene)
        found[name] = trouble(answer)
        assert len(SCRIPT.findall(answer.text)) <= 1, name
        secret = scene.url.rsplit("/", 1)[-1]
        assert not secret or secret not in answer.text, name  # the page never holds its own link
    assert not {name: problems for name, problems in found.items() if problems}


def test_every_route_by_every_method(lite_site: Site) -> None:
    scenes = all_scenes(lite_site)
    urls = [lite_site.address + path for path in OTHERS] + sorted({scene.url for scene in scenes.values()})
    found: dict[str, list[str]] = {}
    for url in urls:
        for method in METHODS:
            answer = lite_site.client.request(method, url)
            problems = trouble(answer)
            if answer.status_code >= 500 and answer.status_code != 503:
                problems.append(f"status {answer.status_code}")
            if problems:
                found[f"{method} {url.removeprefix(lite_site.address)[:12]}"] = problems
    assert not found


def test_the_preview_of_a_link_names_nobody(lite_site: Site) -> None:
    for name, scene in all_scenes(lite_site).items():
        text = open_scene(lite_site, scene).text
        title = re.findall(r"<title>(.*?)</title>", text)
        assert title in (["员工福利领取"], ["出错：员工福利领取"]), name
        assert "og:" not in text, name
