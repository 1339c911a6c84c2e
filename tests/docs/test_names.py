"""Requirements, checks and cases that people wrote into pages are there."""

from __future__ import annotations

import re

from tests.docs.pages import pages

from omnisession_conformance.suite import everything

AREAS = "|".join(everything().registry.areas)
REQUIREMENT = re.compile(rf"\b(?:{AREAS})-\d{{3}}\b")
CHECK = re.compile(rf"\b(?:{AREAS})-\d{{3}}@[a-z0-9-]+")


def test_requirements_exist() -> None:
    known = {requirement.id for requirement in everything().registry}
    named = {(page, id_) for page, text in pages() for id_ in REQUIREMENT.findall(text)}
    assert named
    assert {(page, id_) for page, id_ in named if id_ not in known} == set()


def test_checks_exist() -> None:
    known = {str(check) for check in everything().checks()}
    named = {(page, id_) for page, text in pages() for id_ in CHECK.findall(text)}
    assert named
    assert {(page, id_) for page, id_ in named if id_ not in known} == set()
