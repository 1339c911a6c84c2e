"""What a client shows whose user has acted: the fold of docs/spec/optimistic.md, and what is one."""
