"""Check this tree against the published rules of the Extensions Index, rule by rule.

    python Testing/extension/check_index_rules.py

The exit status is 0 if no rule is broken. `make test` checks the same.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from extension.index_rules import BY_HAND, RULES, Tree


def main() -> int:
    tree, broken = Tree(Path(__file__).resolve().parents[2]), 0
    for rule in RULES:
        problems = list(rule.problems(tree))
        broken += bool(problems)
        print(f"{'BROKEN' if problems else 'ok':6}  {rule.text} ({rule.source})")
        for problem in problems:
            print(f"        {problem}")
    for text in BY_HAND:
        print(f"{'?':6}  {text}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
