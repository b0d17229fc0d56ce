import random
import string
import timeit

import pytest
from hypothesis import given, strategies as st

from workspaces.keys import hashing, material
from workspaces.keys.material import ALPHABET, MalformedKeyError
from workspaces.sealing import keyring
from workspaces.sealing.keyring import Purpose

LENGTH = len("cerby_") + 12 + len("_") + 43 + 11

positions = st.integers(0, LENGTH - 1)
keys = st.builds(lambda _: material.mint().plaintext, st.none())


@pytest.fixture
def own_keyring(tmp_path, settings):
    """A keyring that a test may rotate."""
    settings.KEYRING_PATH = tmp_path / "keyring.json"
    keyring.create(settings.KEYRING_PATH)
    return settings.KEYRING_PATH


def refused(text):
    with pytest.raises(MalformedKeyError) as refusal:
        material.parse(text)
    return str(refusal.value)


def test_a_key_has_the_documented_form():
    head, key_id, rest = material.mint().plaintext.split("_")
    assert (head, len(key_id), len(rest)) == ("cerby", 12, 54)
    assert set(key_id + rest) <= set(string.ascii_letters + string.digits)


def test_a_minted_key_parses_to_itself():
    token = material.mint()
    assert material.parse(token.plaintext) == token


def test_a_key_takes_the_id_that_was_fixed_before():
    key_id = material.new_key_id()
    assert material.mint(key_id).key_id == key_id


@pytest.mark.parametrize("key_id", ["", "short", "x" * 13, "abc_efghijkl", "٣" * 12])
def test_no_key_is_minted_with_an_id_that_would_not_parse(key_id):
    with pytest.raises(MalformedKeyError):
        material.mint(key_id)


def test_two_keys_share_neither_id_nor_secret():
    one, other = material.mint(), material.mint()
    assert one.key_id != other.key_id
    assert one.secret != other.secret


def test_a_key_in_clear_shows_only_its_masked_form():
    token = material.mint()
    shown = f"{token} {token!r} {[token]} {vars(MalformedKeyError())}"
    assert material.masked(token.key_id) in shown
    assert token.secret not in shown
    assert token.tag not in shown


def test_the_masked_form_ends_in_eight_dots():
    assert material.masked("abcdefghijkl") == "cerby_abcdefghijkl_••••••••"


@given(keys, positions, st.sampled_from(ALPHABET + "_- \0\n\u0661\u00e9•"))
def test_a_key_with_one_character_replaced_is_refused(key, position, character):
    if key[position] != character:
        refused(key[:position] + character + key[position + 1 :])


@given(keys, positions, st.sampled_from(ALPHABET + "_ \0\n"))
def test_a_key_with_one_character_inserted_is_refused(key, position, character):
    refused(key[:position] + character + key[position:])


@given(keys, positions)
def test_a_key_with_one_character_left_out_is_refused(key, position):
    refused(key[:position] + key[position + 1 :])


@given(keys, positions)
def test_a_key_cut_off_is_refused(key, position):
    refused(key[:position])


@given(keys, positions)
def test_a_key_with_two_neighbours_swapped_is_refused(key, position):
    swapped = key[:position] + key[position : position + 2][::-1] + key[position + 2 :]
    if swapped != key:
        refused(swapped)


@given(keys, positions)
def test_a_key_with_the_case_of_one_letter_flipped_is_refused(key, position):
    flipped = key[:position] + key[position].swapcase() + key[position + 1 :]
    if flipped != key:
        refused(flipped)


@given(keys, st.sampled_from([" ", "\n", "\0", "\t", "a", "_", "\u200b"]))
def test_a_key_with_anything_around_it_is_refused(key, extra):
    refused(extra + key)
    refused(key + extra)


@given(st.text())
def test_arbitrary_text_is_refused(text):
    refused(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cerby_",
        "cerby_" + "0" * 12 + "_" + "0" * 54,
        "CERBY_" + "a" * 12 + "_" + "b" * 54,
        "cerby_" + "\u0661" * 12 + "_" + "\u0661" * 54,
        "cerby_" + "\uff41" * 12 + "_" + "\uff41" * 54,
        "cerby_" + "a" * 10_000_000,
        "\ud800",
    ],
)
def test_what_is_no_key_is_refused_with_the_same_words(text):
    token = material.mint()
    wrong_tag = token.plaintext[:-11] + ("0" * 11 if token.tag != "0" * 11 else "1" * 11)
    assert refused(text) == refused(wrong_tag)


def test_the_refusal_repeats_nothing_of_the_text():
    secret = material.mint().secret
    assert secret not in refused(f"cerby_{secret}")


def test_the_secret_of_one_key_is_refused_under_the_id_of_another():
    one, other = material.mint(), material.mint()
    refused(f"cerby_{one.key_id}_{other.secret}{other.tag}")


def test_a_tag_is_accepted_in_one_spelling_only():
    token = material.mint()
    number = sum(ALPHABET.index(digit) * 62**place for place, digit in enumerate(token.tag[::-1]))
    for multiple in range(1, 4):  # 62**11 is almost three times 2**64
        if (alias := number + multiple * 2**64) < 62**11:
            refused(token.plaintext[:-11] + material._encode(alias, 11))


def test_a_hundred_thousand_mutated_keys_are_all_refused():
    draw = random.Random(20240229)  # noqa: S311  (mutations, not keys)
    key = material.mint().plaintext
    mutants = (_mutant(key, draw) for _ in range(100_000))
    assert [mutant for mutant in mutants if _accepted(mutant)] == []


def test_a_key_of_another_server_is_refused(own_keyring):
    foreign = material.mint().plaintext
    own_keyring.unlink()
    keyring.create(own_keyring)
    refused(foreign)


def test_a_key_outlives_the_rotation_of_the_tag_key(own_keyring):
    token = material.mint()
    keyring.rotate(own_keyring, Purpose.TAG)
    assert material.parse(token.plaintext) == token


def test_a_key_minted_after_a_rotation_bears_the_new_tag(own_keyring):
    before = material.mint()
    keyring.rotate(own_keyring, Purpose.TAG)
    after = material._tag(keyring.keyring().current(Purpose.TAG), before.plaintext[:-11])
    assert after != before.tag
    fresh = material.mint()
    assert material.parse(fresh.plaintext) == fresh


@pytest.mark.usefixtures("real_hashes")
def test_refusing_a_forged_key_costs_next_to_nothing_beside_one_argon2():
    forged = "cerby_" + "0" * 12 + "_" + "0" * 54
    refusing = min(timeit.repeat(lambda: _accepted(forged), number=100, repeat=5)) / 100
    hashing_once = min(timeit.repeat(lambda: hashing.hash_secret("x"), number=1, repeat=3))
    assert hashing_once > 100 * refusing


def _accepted(text):
    try:
        material.parse(text)
    except MalformedKeyError:
        return False
    return True


def _mutant(key, draw):
    """`key` with one to three of its characters replaced by others."""
    characters = list(key)
    for position in draw.sample(range(LENGTH), draw.randint(1, 3)):
        digit = draw.randrange(len(ALPHABET))
        same = ALPHABET[digit] == characters[position]
        characters[position] = ALPHABET[digit - 1 if same else digit]
    return "".join(characters)
