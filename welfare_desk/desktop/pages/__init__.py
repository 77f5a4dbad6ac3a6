"""One page per noun. A page asks queries through `desk.background` and changes nothing but by services."""
