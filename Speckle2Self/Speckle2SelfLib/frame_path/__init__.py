"""The path of a frame: luminance and range, working scale and padding, back to size, tone, type and kept pixels.

One module per step; :mod:`Speckle2SelfLib.despeckler` walks it.
"""
