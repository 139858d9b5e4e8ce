"""What the module panels need of Qt and of the running application; nothing else in the library imports qt or ctk.

It is imported by the modules' scripts inside the desktop only. The import is light: no numpy, no torch.
"""
