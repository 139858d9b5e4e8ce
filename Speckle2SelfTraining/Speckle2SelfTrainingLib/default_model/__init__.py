"""How the shipped model is made: a teacher, examples that it answers, a student; `make model`."""
