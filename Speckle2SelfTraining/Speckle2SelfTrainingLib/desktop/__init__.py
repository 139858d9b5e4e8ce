"""What the training panel needs of Qt and of the running application; no other package of this library imports qt.

It is imported by the module's script inside the desktop only. The import is light: no numpy, no torch.
"""
