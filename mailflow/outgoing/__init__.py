"""How letters leave: rendered once, delivered at least once, never a second different one."""
