"""Archives: folders of any number of sweeps, over processes, GPUs and machines, resumed where they were stopped.

Every file is one order. A record of each finished one lies in the hidden folder ``.speckle2self`` of the output, so
that a run that was stopped by whatever goes on with the next file. Nothing heavy is imported with this package.
"""
