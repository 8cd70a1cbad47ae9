"""监管: how many cases, how long, what is late or sent round, by place, program, step and person."""
