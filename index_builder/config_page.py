"""The reference page of the build settings, generated so that it cannot fall behind."""

from __future__ import annotations

import sys

from index_builder.config import PREFIX, BuildSettings
from service.config_page import settings_table

FLAGS = ("language", "target_precision", "embedding_model_dir")

_HEAD = """# Settings of `firstline-index`

What a build makes of a corpus. Flags beat the environment, which beats the file, which beats the
defaults. The file is the table `[builder]` of `firstline.toml` in the working folder, or the whole
of the file given with `--settings`. `firstline-index build --print-config` shows every value and
where it came from (`--json` for scripts). An unknown key in the file, or a value that makes no
sense, is refused with its line. `build`, `check` and `evaluate` read the same settings.

```toml
[builder]
language = "de"
target_precision = 0.95

[builder.blend.short]     # a table changes what it names
share = 0.3
```

This page is generated from `index_builder/config.py`.

"""


def reference_page() -> str:
    """``docs/reference/building.md``."""
    return _HEAD + settings_table(BuildSettings, PREFIX, FLAGS)


if __name__ == "__main__":
    sys.stdout.write(reference_page())
