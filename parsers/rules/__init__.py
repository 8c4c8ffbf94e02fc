"""The catalogue: one way in which Ansible over SSH fails a file, named by the rule's id.

A file that begins with `_` holds no rule: `_said` reads lines, `_values` writes commands, `_negotiate` is shared by
the rules on algorithms. `order` is the number in the reference times ten, so that siblings fit between.
"""
