"""Times are said in the one unit that fits."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from cerbykeys.words import in_words

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(hours=1), "in 1 hour"),
        (timedelta(hours=12), "in 12 hours"),
        (timedelta(days=1), "in 1 day"),
        (timedelta(days=5), "in 5 days"),
        (timedelta(days=40), "in 40 days"),
        (timedelta(days=91), "in 3 months"),
        (timedelta(days=365), "in 1 year"),
    ],
)
def test_a_lifetime_keeps_its_name_in_the_second_after_it_began(distance, words):
    with time_machine.travel(NOW, tick=False):
        assert in_words(NOW + distance) == words
        assert in_words(NOW + distance - timedelta(seconds=1)) == words


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=2, minutes=10), "2 hours ago"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=800), "2 years ago"),
    ],
)
def test_the_past_says_ago(distance, words):
    with time_machine.travel(NOW, tick=False):
        assert in_words(NOW - distance) == words


def test_the_last_seconds_of_a_lifetime_are_said():
    with time_machine.travel(NOW, tick=False):
        assert in_words(NOW + timedelta(seconds=20)) == "in less than a minute"
