"""Parts of the benchmark "Does despeckling help?": its inputs, plan, trainings, statistics and report."""
