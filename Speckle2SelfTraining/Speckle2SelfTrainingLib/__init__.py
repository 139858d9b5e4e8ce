"""Training, simulation and evaluation for Speckle2Self; imports :mod:`Speckle2SelfLib`, never the other way round."""
