"""Model bundles: networks with what they are, what they were trained on and what they are for, in MONAI's layout.

Of a bundle only ``configs/metadata.json`` and the weights are ever read: MONAI evaluates expressions in other configs.
"""

from .model import Bundle
from .reading import load_bundle
from .shipped import shipped_models
from .writing import save_bundle

__all__ = ["Bundle", "load_bundle", "save_bundle", "shipped_models"]
