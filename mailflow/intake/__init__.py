"""How mail gets in: durable before it is acknowledged."""
