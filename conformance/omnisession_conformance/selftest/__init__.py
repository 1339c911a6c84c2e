"""The proof of the kit: faulty servers that it must catch, unusual ones that it must leave alone.

Pure: `listing` (what a server can do wrong), `plan` (which trials), `schedule` (in which order, and
what follows from a result), `judging` and `matrix` (what the results mean), `document`, `markdown` and
`terminal` (how they are told). Processes: `ask` (the listing), `worker` (one trial) and `pool`.
"""
