"""Self-check 政策自测: what seems to fit a household, rule by rule, and what nobody can tell yet."""
