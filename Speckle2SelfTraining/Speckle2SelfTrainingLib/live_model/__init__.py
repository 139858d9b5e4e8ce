"""How the shipped model for live use is made: a narrow network that learns to answer as the default model does."""
