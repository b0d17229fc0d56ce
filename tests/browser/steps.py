"""What a person does on a page."""


def click(page, name, role="button"):
    page.get_by_role(role, name=name, exact=True).click()


def follow(page, link):
    """Click a link, and wait for the page that it leads to: the old one is there until then."""
    before = page.url
    click(page, link, "link")
    page.wait_for_url(lambda url: url != before)
