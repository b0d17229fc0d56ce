"""The stylesheets: nothing undefined, nothing forgotten, readable in both themes."""

import re

import pytest

from .stylesheets import CSS, FILES, blocks_of_root, contrast, defined, used, without_comments

RAW, DARK, MEANINGS = blocks_of_root(without_comments(CSS / "tokens.css"))[:3]
THEMES = {"light": RAW, "dark": RAW | DARK}


def colour(theme, meaning):
    raw = re.fullmatch(r"var\((--[\w-]+)\)", MEANINGS[meaning]).group(1)
    return THEMES[theme][raw]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_variable_that_is_used_is_defined(file):
    everywhere = set().union(*(defined(without_comments(each)) for each in FILES))
    # A component's own variables have a default where they are read: var(--name, default).
    with_default = set(re.findall(r"var\((--[\w-]+),", without_comments(file)))
    assert used(without_comments(file)) - everywhere - with_default == set()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_components_name_no_raw_colour(file):
    if file.name == "tokens.css":
        return
    text = without_comments(file)
    assert used(text) & set(RAW) == set()
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgb\(|hsl\(", text) == []


def test_dark_mode_redefines_the_raw_tier_alone():
    assert set(DARK) <= set(RAW)


def test_every_token_is_used():
    everywhere = set().union(*(used(without_comments(file)) for file in FILES))
    assert {*RAW, *MEANINGS} - everywhere == set()


def test_every_file_is_imported_into_a_declared_layer():
    main = without_comments(CSS / "main.css")
    layers = re.search(r"@layer ([\w, ]+);", main).group(1).split(", ")
    imports = dict(re.findall(r'@import url\("([\w-]+\.css)"\) layer\((\w+)\);', main))
    assert set(imports) == {file.name for file in FILES} - {"main.css"}
    assert set(imports.values()) <= set(layers)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_rule_shouts(file):
    assert "!important" not in without_comments(file)


TEXT_ON = [
    ("text", ["canvas", "surface", "surface-hover", "surface-pressed", "accent-tint"]),
    ("text-soft", ["canvas", "surface", "surface-sunken", "surface-pressed"]),
    ("text-muted", ["canvas", "surface", "surface-sunken", "surface-hover", "accent-tint"]),
    ("accent-text", ["canvas", "surface", "accent-tint", "surface-hover"]),
    ("danger-text", ["canvas", "surface", "danger-tint", "surface-pressed"]),
    ("warning-text", ["warning-tint"]),
    ("text-on-accent", ["accent", "accent-hover", "danger", "danger-hover"]),
]
CONTROL_ON = [
    ("border-control", ["canvas", "surface"]),
    ("accent", ["canvas", "surface", "accent-tint"]),
    ("focus-ring", ["canvas", "surface", "surface-sunken"]),
    ("success", ["surface"]),
    ("warning", ["surface"]),
    ("danger", ["surface"]),
    ("idle", ["surface"]),
]


def pairs(table):
    return [(front, back) for front, backs in table for back in backs]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "back"), pairs(TEXT_ON))
def test_text_is_readable(theme, front, back):
    assert contrast(colour(theme, f"--{front}"), colour(theme, f"--{back}")) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "back"), pairs(CONTROL_ON))
def test_controls_and_dots_stand_out(theme, front, back):
    assert contrast(colour(theme, f"--{front}"), colour(theme, f"--{back}")) >= 3
