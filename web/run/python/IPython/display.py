"""Show things in a page as IPython does."""

import builtins

display = builtins.display  # type: ignore[attr-defined]  # the kernel's


class HTML:
    """A text that is HTML."""

    def __init__(self, data: str) -> None:
        self.data = data

    def _repr_html_(self) -> str:
        return self.data


class Markdown:
    """A text that is Markdown."""

    def __init__(self, data: str) -> None:
        self.data = data

    def _repr_markdown_(self) -> str:
        return self.data


class SVG:
    """A text that is an SVG document."""

    def __init__(self, data: str) -> None:
        self.data = data

    def _repr_svg_(self) -> str:
        return self.data
