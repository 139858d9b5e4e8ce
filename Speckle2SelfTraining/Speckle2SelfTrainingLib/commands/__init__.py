"""Subcommands of ``speckle2self`` that train, simulate and evaluate."""
