"""Triton's interpreter of a version that does not know the NumPy of today."""

import pytest
from triton.runtime import interpreter


@pytest.fixture(autouse=True)
def whole_numbers(monkeypatch):
    """Let numbers that kernels are given bound their loops: before 3.7, Triton asks NumPy for what 2.4 refuses."""
    patch = interpreter._patch_lang_tensor

    def patched(tensor, scope):
        patch(tensor, scope)
        scope.set_attr(tensor, "__index__", lambda self: self.handle.data.item())

    monkeypatch.setattr(interpreter, "_patch_lang_tensor", patched)
