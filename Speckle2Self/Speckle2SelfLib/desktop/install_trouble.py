"""Why an installation failed, read from what pip printed: the reason, and what to do."""

from __future__ import annotations

import platform
import re
from pathlib import Path

from slicer.i18n import tr as _

from ..errors import DependencyError

_TAIL_LINES = 40
_NO_WHEEL = "(?:no matching distribution found for|could not find a version that satisfies the requirement)"


def explain(packages: list[str], output: str, error: BaseException, wheelFolder: Path | None) -> DependencyError:
    """Return the error that says what could not be installed, why, and what to do.

    Parameters
    ----------
    packages : list of str
        Requirements that were to be installed.
    output : str
        What the installer printed.
    error : BaseException
        What it raised.
    wheelFolder : Path or None
        Folder that it was to install from, None for the network.

    Returns
    -------
    DependencyError
        With the last lines of the output as its note.
    """
    reason, solution = _find(output + "\n" + str(error), packages, wheelFolder) or (
        _lastLine(output) or str(error) or type(error).__name__,
        _("Look into the Python console for the whole output, restart 3D Slicer and try again."),
    )
    explained = DependencyError(
        _("{packages} could not be installed. Reason: {reason}. What to do: {solution}").format(
            packages=", ".join(packages), reason=reason.rstrip("."), solution=solution
        )
    )
    explained.add_note("\n".join(output.splitlines()[-_TAIL_LINES:]))
    return explained


def _find(text: str, packages: list[str], wheelFolder: Path | None) -> tuple[str, str] | None:
    for pattern, reason, solution in _knownTroubles():
        match = re.search(pattern, text, re.IGNORECASE)
        if match:
            return f"{reason} ({match.group().strip()})", solution
    missing = re.search(_NO_WHEEL + r"\s+(\S+)", text, re.IGNORECASE)
    return _noWheel(missing.group(1), packages, wheelFolder) if missing else None


def _noWheel(requirement: str, packages: list[str], wheelFolder: Path | None) -> tuple[str, str]:
    system = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    if wheelFolder is None:
        return (
            _("there is no package {requirement} for this computer ({system})").format(
                requirement=requirement, system=system
            ),
            _("Use a newer 3D Slicer, or Windows, Linux or a Mac with Apple silicon."),
        )
    wanted = " ".join(f'"{package}"' for package in packages)
    return (
        _("the folder {folder} has no wheel of {requirement} for this computer ({system})").format(
            folder=wheelFolder, requirement=requirement, system=system
        ),
        _(
            "On a computer with a network, the same system and the same 3D Slicer, run "
            "'PythonSlicer -m pip download --dest FOLDER {wanted}', then bring that folder here."
        ).format(wanted=wanted),
    )


def _lastLine(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _knownTroubles() -> list[tuple[str, str, str]]:
    """Return pattern, reason and solution, in the order in which they count.

    Without a network, pip also says that it found no matching package.
    """
    return [
        (
            r"ProxyError|cannot connect to proxy|tunnel connection failed[^\n]*|407 proxy authentication[^\n]*",
            _("the proxy of this network refused the connection"),
            _(
                "Run 'PythonSlicer -m pip config set global.proxy http://USER:PASSWORD@HOST:PORT' once, or set the "
                "environment variable HTTPS_PROXY before 3D Slicer starts, and try again."
            ),
        ),
        (
            r"CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError|SSLError",
            _("the connection is not trusted, as where a proxy opens encrypted connections"),
            _(
                "Ask for the certificate file of your network, run 'PythonSlicer -m pip config set global.cert FILE' "
                "once, and try again."
            ),
        ),
        (
            r"getaddrinfo failed|temporary failure in name resolution|name or service not known|"
            r"nodename nor servname|failed to establish a new connection|NewConnectionError|ConnectTimeoutError|"
            r"read timed out|ReadTimeoutError|network is unreachable|connection (?:reset|refused|aborted|broken)|"
            r"IncompleteRead",
            _("the network, or the server of the packages, cannot be reached"),
            _(
                "Check that pypi.org, files.pythonhosted.org and download.pytorch.org can be reached. Behind a proxy, "
                "run 'PythonSlicer -m pip config set global.proxy http://HOST:PORT' once. Without a network, choose a "
                "folder with the wheels as Wheel folder in the panel."
            ),
        ),
        (
            r"no space left on device|WinError 112\b|not enough space on the disk|disk quota exceeded",
            _("the disk is full"),
            _(
                "Free 2 GB, or 8 GB for an NVIDIA graphics card, on the disk of 3D Slicer and on that of temporary "
                "files, and try again."
            ),
        ),
        (
            r"WinError 32\b|being used by another process",
            _("a file is in use"),
            _("Close other running 3D Slicers, restart this one and press the button before anything else."),
        ),
        (
            r"permission denied|WinError 5\b|access is denied|read-only file system|operation not permitted",
            _("the folder of 3D Slicer cannot be written"),
            _(
                "Install 3D Slicer into a folder of your own, or ask who looks after this computer to install the "
                "packages with 'PythonSlicer -m pip install'."
            ),
        ),
        (
            r"\S+ \S+ depends on [^\n]+(?=[\s\S]*ResolutionImpossible)|ResolutionImpossible",
            _("other versions of numpy, SimpleITK, scipy or torch would be needed than this 3D Slicer has"),
            _("Those are kept on purpose, so nothing was changed; use the newest 3D Slicer and try again."),
        ),
        (
            r"MemoryError|exit status -9\b|exit status 137\b|died with <Signals.SIGKILL",
            _("the computer ran out of memory"),
            _("Close other programs and try again."),
        ),
    ]
