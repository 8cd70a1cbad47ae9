"""救助通: the domain. Knows no web framework; every verb takes actor= and now=."""
