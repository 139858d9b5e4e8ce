"""Entry point of ``speckle2self`` and of ``PythonSlicer -m Speckle2SelfLib``."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import signal
import sys
from types import FrameType, ModuleType

from . import __version__
from .commands import INTERRUPTED, SUBCOMMANDS
from .errors import Cancelled, Speckle2SelfError
from .kept_memory import keep_freed_memory

# These gain next to nothing by kept memory, and halve their batch when memory runs out, which needs what was freed.
TRAINING = ("train", "train-segmentation")


def main(arguments: list[str] | None = None) -> int:
    """Run a subcommand; errors that a user can mend become one sentence on standard error and status 1."""
    given = sys.argv[1:] if arguments is None else arguments
    name = next((word for word in given if not word.startswith("-")), None)
    options = _parser(name).parse_args(given)
    if options.command is None:
        _parser(None).print_help()
        return 2
    # A terminated job cleans up like an interrupted one.
    signal.signal(signal.SIGTERM, _interrupt)
    if options.command not in TRAINING:
        keep_freed_memory()
    try:
        return int(_module(options.command).run(options))
    except Speckle2SelfError as error:
        print(f"speckle2self: {error}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, Cancelled):
        print("speckle2self: interrupted; nothing half-written was kept.", file=sys.stderr)
        return INTERRUPTED
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        print(f"speckle2self: The Python package {package!r} is missing: install it with pip.", file=sys.stderr)
        return 1
    except MemoryError:
        print("speckle2self: not enough memory for these frames: close other programs.", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"speckle2self: A file cannot be read or written ({error.strerror or error}).", file=sys.stderr)
        return 1


def _parser(command: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="speckle2self", description="Remove speckle from medical ultrasound.")
    parser.add_argument("--version", action="version", version=f"speckle2self {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name in SUBCOMMANDS:
        # Only the module of the command that runs is imported, for its arguments: start-up stays short.
        module = _module(name) if command in (name, None) and _available(name) else None
        if module is None and not _available(name):
            continue
        subparser = commands.add_parser(
            name, help=module.HELP if module else None, description=_describe(module), formatter_class=_HelpWithDefaults
        )
        if module:
            module.add_arguments(subparser)
    return parser


class _HelpWithDefaults(argparse.ArgumentDefaultsHelpFormatter):
    """Help that says what happens without an option, where something does."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return action.help if action.default in (None, False, True) else super()._get_help_string(action)


def _describe(module: ModuleType | None) -> str | None:
    return module.__doc__ if module else None


def _module(name: str) -> ModuleType:
    return importlib.import_module(SUBCOMMANDS[name])


def _available(name: str) -> bool:
    package = SUBCOMMANDS[name].partition(".")[0]
    return importlib.util.find_spec(package) is not None


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
