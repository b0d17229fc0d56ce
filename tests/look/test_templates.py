"""The templates: each parses, and none holds what the Content-Security-Policy refuses."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template
from lucide import _load_icon

from workspaces.directory.models import User

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
SCRIPTS = TEMPLATES.parent / "static" / "js"
FILES = sorted(file for file in TEMPLATES.rglob("*") if file.is_file())
PAGES = [file for file in FILES if file.suffix == ".html"]


def name_of(file):
    return str(file.relative_to(TEMPLATES))


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_it_parses(file):
    assert get_template(name_of(file))


@pytest.mark.parametrize("file", PAGES, ids=name_of)
def test_it_holds_no_inline_script_or_style(file):
    text = file.read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)", text) == []
    assert re.findall(r"<style\b|\sstyle=", text) == []
    assert re.findall(r"\son\w+=|\shx-on|javascript:", text) == []


@pytest.mark.parametrize("file", PAGES, ids=name_of)
def test_its_icons_exist_and_are_hidden_from_readers(file):
    for call in re.findall(r"{% lucide ([^%]+) %}", file.read_text(encoding="utf-8")):
        assert 'aria_hidden="true"' in call
        if name := re.match(r'"([\w-]+)"', call):
            _load_icon(name.group(1))


@pytest.mark.parametrize("file", PAGES, ids=name_of)
def test_a_new_window_is_never_opened(file):
    assert "target=" not in re.sub(r"(hx-|popover)target=", "", file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_a_page_for_faults_needs_no_context(name, settings):
    page = get_template(name).render()
    assert f'href="{settings.STATIC_URL}css/main.css"' in page
    assert "Go to your workspace" in page


@pytest.mark.parametrize(
    ("names", "initials"),
    [(("Ada", "Lovelace"), "AL"), (("Ada", ""), "A"), (("", ""), "p")],
)
def test_an_avatar_shows_initials(names, initials):
    person = User(email="person@people.example", first_name=names[0], last_name=names[1])
    page = get_template("_avatar.html").render({"person": person})
    assert re.sub(r"<[^>]+>", "", page).strip() == initials


def test_a_name_is_escaped():
    person = User(email="person@people.example", first_name="<b>", last_name="Bobby")
    assert "<b>" not in get_template("_person.html").render({"person": person})


@pytest.mark.parametrize("file", sorted(SCRIPTS.glob("*.js")), ids=lambda file: file.name)
def test_no_script_names_another_or_runs_text(file):
    """The names of static files change with their content, so an import would find nothing."""
    text = file.read_text(encoding="utf-8")
    assert re.findall(r"\bimport\b[^;\n]*[\"']", text) == []
    assert re.findall(r"\beval\(|new Function|innerHTML|localStorage|sessionStorage", text) == []
