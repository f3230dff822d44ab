"""A build cut into shards: by one process, or by the workers of a cluster, with one result."""
