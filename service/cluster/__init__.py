"""Past one machine: the shards of an index on a Ray cluster. The only importer of Ray here."""
