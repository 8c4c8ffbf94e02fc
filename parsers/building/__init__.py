"""From events to the run model: runs, hosts, tasks, commands, chunks.

`builder` keeps the log's framing (chunks in `frames`, results in `printed`) and hands events to the run they belong to,
a `run_builder`. At each look `settle` makes hosts, tasks and states of what a run has shown; `settled` keeps what is
over, and `unshown` tells how a task ended where no result line says it.
"""
