"""What users read in views and charts, in their language where there is an application that translates."""

from __future__ import annotations

try:
    from slicer.i18n import tr
except ImportError:  # slicer-core, which has no translations

    def tr(text: str) -> str:
        """Return a text as it is."""
        return text


__all__ = ["tr"]
