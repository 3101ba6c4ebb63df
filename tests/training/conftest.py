"""What the tests of training share: a watch over randomness that belongs to nobody."""

import numpy as np
import pytest


@pytest.fixture
def global_randomness_untouched():
    """Fail a test that draws from, or seeds, the generators that a whole process shares."""
    import torch  # where it is not installed, these tests are skipped

    numpy_before, torch_before = np.random.get_state(), torch.get_rng_state()  # noqa: NPY002
    yield
    assert torch.equal(torch_before, torch.get_rng_state())
    assert all(np.array_equal(*pair) for pair in zip(numpy_before, np.random.get_state()))  # noqa: NPY002
