"""The benches of `scripts/bench`: a module a name, each with `measure`, `table` and a docstring for
--help."""
