"""Mutants of both servers: small changes of their code that the kit must notice.

Pure: `mutant` (what one is), `operators` and `operators_values` (how Python is changed), `python_source`
(where), `triage` and `score` (what survivors mean), `report` (how it is told). Processes: `go_source`
(the mutants of the server in Go, which `go/` makes), `targets` (a copy that has one mutant), `trial`
(one run of the kit), `pool` (all of them), `__main__` (the command).
"""
