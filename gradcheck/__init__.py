"""gradcheck says whether a gradient is right, where it is wrong, and shows the evidence."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcheck import strategies as strategies
    from gradcheck.checks import assert_gradient as assert_gradient
    from gradcheck.checks import check as check
    from gradcheck.checks import check_file as check_file
    from gradcheck.checks import check_hessian as check_hessian
    from gradcheck.checks import check_jvp as check_jvp
    from gradcheck.checks import check_vjp as check_vjp
    from gradcheck.checks import cross_check as cross_check
    from gradcheck.checks import diagnose as diagnose
    from gradcheck.checks import prove as prove
    from gradcheck.derivation.chain_rule import derive as derive
    from gradcheck.errors import GradcheckError as GradcheckError
    from gradcheck.errors import GradientInconclusive as GradientInconclusive
    from gradcheck.errors import GradientMismatch as GradientMismatch
    from gradcheck.network.dense import Dense as Dense
    from gradcheck.network.networks import Network as Network
    from gradcheck.network.networks import Point as Point
    from gradcheck.network.text import from_text as from_text
    from gradcheck.registration import register_activation as register_activation
    from gradcheck.registration import register_layer as register_layer
    from gradcheck.results.outcomes import Outcome as Outcome
    from gradcheck.results.outcomes import Reason as Reason
    from gradcheck.results.result import Result as Result
    from gradcheck.training import Monitor as Monitor
    from gradcheck.training import train as train

__version__ = "0.1.0"

# name -> where it lives; None for a module. Importing gradcheck loads none of them.
_HOME = {
    "Dense": "network.dense",
    "GradcheckError": "errors",
    "GradientInconclusive": "errors",
    "GradientMismatch": "errors",
    "Monitor": "training",
    "Network": "network.networks",
    "Outcome": "results.outcomes",
    "Point": "network.networks",
    "Reason": "results.outcomes",
    "Result": "results.result",
    "assert_gradient": "checks",
    "check": "checks",
    "check_file": "checks",
    "check_hessian": "checks",
    "check_jvp": "checks",
    "check_vjp": "checks",
    "cross_check": "checks",
    "derive": "derivation.chain_rule",
    "diagnose": "checks",
    "from_text": "network.text",
    "prove": "checks",
    "register_activation": "registration",
    "register_layer": "registration",
    "strategies": None,
    "train": "training",
}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"gradcheck has no public name {name!r}; it has: {', '.join(__all__)}")
    home = _HOME[name]
    if home is None:
        return importlib.import_module(f"{__name__}.{name}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
