"""Settings as plain values: to a mapping or JSON and back, refusing names that do not exist."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import Any, ClassVar, Self

from Speckle2SelfLib.errors import SettingsError


class PlainSettings:
    """What frozen dataclasses of settings have in common.

    ``PARTS`` names the fields that are dataclasses themselves.
    """

    PARTS: ClassVar[Mapping[str, type]] = {}

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some settings changed, validated again; unknown names are refused."""
        plain = {name: asdict(value) if _is_part(value) else value for name, value in changes.items()}
        return type(self).from_dict({**self.to_dict(), **plain})

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as JSON-ready values."""
        values: dict[str, Any] = json.loads(json.dumps(asdict(self)))  # type: ignore[call-overload]
        return values

    def to_json(self) -> str:
        """Return the settings as a JSON object."""
        return json.dumps(self.to_dict(), indent=1)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build settings from a mapping, refusing names that do not exist."""
        if not isinstance(values, Mapping):
            raise SettingsError(f"Settings must map names to values, got {type(values).__name__}.")
        known = [entry.name for entry in fields(cls)]  # type: ignore[arg-type]
        unknown = [name for name in values if name not in known]
        if unknown:
            raise SettingsError(f"Unknown setting {unknown[0]!r}; known settings are {', '.join(known)}.")
        given: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
        }
        for name, kind in cls.PARTS.items():
            if isinstance(given.get(name), Mapping):
                given[name] = _part(name, kind, given[name])
        return cls(**given)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Build settings from :meth:`to_json`'s output."""
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise SettingsError(f"The settings are not valid JSON ({error}).") from error
        return cls.from_dict(values)

    def _store(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)


def _is_part(value: object) -> bool:
    return is_dataclass(value) and not isinstance(value, type)


def _part(name: str, kind: type, values: Mapping[str, Any]) -> Any:
    known = [entry.name for entry in fields(kind)]
    unknown = [key for key in values if key not in known]
    if unknown:
        raise SettingsError(f"Unknown setting '{name}.{unknown[0]}'; known are {', '.join(known)}.")
    return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})
