"""How the shipped carotid model was made: its frames, its training, and how it was tested on subjects it never saw."""
