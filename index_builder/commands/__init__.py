"""The subcommands of ``firstline-index``, one file each."""
