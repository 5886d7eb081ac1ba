"""What `scripts/bench` measures: a module a name, each with `measure`, `table` and a docstring for --help."""
