"""The command line: one module per subcommand, found through a table of names.

A module of a subcommand has ``HELP`` (one line), ``add_arguments(parser)`` and ``run(arguments) -> int``.
"""

INTERRUPTED = 130  # exit status after Ctrl-C, as shells have it

SUBCOMMANDS = {
    "despeckle": "Speckle2SelfLib.commands.despeckle",
    "simulate": "Speckle2SelfTrainingLib.commands.simulate",
    "train": "Speckle2SelfTrainingLib.commands.train",
    "train-segmentation": "Speckle2SelfTrainingLib.commands.train_segmentation",
    "evaluate": "Speckle2SelfTrainingLib.commands.evaluate",
    "segment": "Speckle2SelfTrainingLib.commands.segment",
    "measure": "Speckle2SelfTrainingLib.commands.measure",
    "benchmark": "Speckle2SelfTrainingLib.commands.benchmark",
}
