"""Past one machine, measured on one: what shards and replicas cost, and what a lost node."""
