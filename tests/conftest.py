"""What several test files share: the built site."""

import sys

import pytest

from tools import project


@pytest.fixture(scope="session")
def site():
    """Build the site once, with warnings as errors, and return its folder."""
    assert project.build(python=sys.executable) == 0, "the site does not build; see above"
    return project.SITE
