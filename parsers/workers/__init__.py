"""Who does what: the workers that Ansible forks, their commands, and their hosts' inventory names.

`worker` has what is known of one, `commands` the commands that they run. A line finds its worker in `binding`; where
several could be meant it is `homes`, `ready`, `held` and `answers` that decide, and what is printed later may tell
otherwise (`echoes`, `crossed`). `quoted` knows how far a result's text goes. Which host a worker is for: `naming`, from
what lines say (`spoken`) and in which order workers are forked (`ordering`); in plays whose hosts do not wait for each
other, `free`, and `sharing` where names share a connection.
"""
