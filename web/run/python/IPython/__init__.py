"""As much of IPython as cells in a page need: `IPython.display`."""

version_info = (9, 0, 0)  # matplotlib asks


def get_ipython() -> None:
    """Return None: no IPython is running."""
