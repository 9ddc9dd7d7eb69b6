"""What goes wrong, each as one sentence: the finding, then the mend."""


class GradcheckError(Exception):
    """Anything gradcheck says instead of a result; the command line prints the sentence and exits with `exit_code`."""

    exit_code = 2


class UsageError(GradcheckError, ValueError):
    """The call does not fit: a wrong option, name, shape or point."""


class NothingToCheck(UsageError):
    """There is no number to differentiate by."""

    exit_code = 5


class SubjectError(UsageError):
    """The file under check cannot be used as it is: missing, not Python, no loss in it."""


class NetworkError(UsageError):
    """A network's description or its point does not fit together."""


class UserCodeError(GradcheckError):
    """The code under check raised; the sentence holds its own line and message."""


class TraceError(GradcheckError):
    """A program cannot be traced; the sentence holds the line and the operation."""


class TooLarge(GradcheckError):
    """A program is too large for the opinion that was asked; the sentence holds the size and the limit."""


class GradientMismatch(AssertionError):
    """A gradient disagrees with the loss it belongs to."""


class GradientInconclusive(AssertionError):
    """A check could not decide."""
