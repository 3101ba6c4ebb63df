"""What the interactive figures need of anywidget in a page: traits that the page and Python share, and a state."""

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import traitlets

VIEW = "application/vnd.jupyter.widget-view+json"
WIDGETS: dict[str, "AnyWidget"] = {}
tell: Any = None
"""Set by the kernel: called with a widget's name and what has changed in it, for those that were shown."""


class AnyWidget(traitlets.HasTraits):
    """A widget whose synchronised traits the page follows, and can set."""

    _esm = ""

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.model_id = uuid.uuid4().hex  # never that of a figure on the page which an earlier Python made
        self._from_page = False
        WIDGETS[self.model_id] = self
        self.observe(self._changed)

    def get_state(self) -> dict[str, Any]:
        """Return the synchronised traits by name."""
        return {name: getattr(self, name) for name in self.traits(sync=True)}

    def state(self) -> dict[str, Any]:
        """Return what the page needs to show the widget: the state, and which module it has."""
        return self.get_state() | {"module": hashlib.sha256(self._esm.encode()).hexdigest()[:8]}

    def set_state(self, changes: dict[str, Any]) -> None:
        """Take over what was done in the page."""
        self._from_page = True
        try:
            for name, value in changes.items():
                setattr(self, name, value)
        finally:
            self._from_page = False

    @contextmanager
    def hold_sync(self) -> Iterator[None]:
        """Do nothing: the page is told of each change by itself."""
        yield

    def _changed(self, change: traitlets.Bunch) -> None:
        if tell and not self._from_page and change["name"] in self.traits(sync=True):
            tell(self.model_id, {change["name"]: change["new"]})

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        return {"text/plain": repr(self), VIEW: {"model_id": self.model_id}}, {}
