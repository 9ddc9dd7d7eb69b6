"""What a compiled function of NumPy says of its own types is no sentence for a user."""

import pytest

from gradcheck.errors import TraceError
from gradcheck.program.tracing import trace

TEXT = "import numpy as np\n\ndef loss(w):\n    return np.abs(np.fft.rfft(w)).sum()\n"


def test_a_function_that_takes_plain_numbers_is_told_in_our_words():
    with pytest.raises(TraceError, match=r"line 4: .*: a function of NumPy there takes plain numbers only$"):
        trace(TEXT, "net.py", "loss", None, {"w": [1.0, 2.0, 4.0]})
