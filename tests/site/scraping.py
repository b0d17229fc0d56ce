"""Reads what a scrape answers."""

from prometheus_client.parser import text_string_to_metric_families

from cerbykeys import scrape


def samples(text=None):
    """Every sample of the answer, or of this process, by its name and the values of its labels."""
    families = text_string_to_metric_families(text or scrape.scrape().decode())
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }
