"""The modules of `planting/` are shared by the tests and the script of this folder."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
