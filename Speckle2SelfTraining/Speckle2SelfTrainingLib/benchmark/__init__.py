"""How fast despeckling, training and the simulator are on this machine, beside other ways of doing the same.

All figures of one run come from the same frames in the same process, with repeats of the methods interleaved, so that
ratios hold even where a machine is busy with something else. Frames come from the simulator: nothing is downloaded.
"""
