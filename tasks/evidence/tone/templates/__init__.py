"""The template generator: made up posts with known labels, for synthetic rounds and for measuring speeds.

The data beside the code are hand-written: one CSV of templates a register (`form`, `app_review`, `forum`, `facebook`,
`headline`), `fillers.yaml` and `services.yaml` for their slots, `apps.yaml` for applications. A template belongs to one
split only, so that no sentence pattern is trained on and tested on. `docs/tone-labels.md` says what the labels mean.
"""

from tasks.evidence.tone.model import POLARITIES
from tasks.evidence.tone.templates.library import SPLITS, Template, load_templates
from tasks.evidence.tone.templates.noise import NONE, Noise
from tasks.evidence.tone.templates.posts import COLUMNS, generate, write

__all__ = ["COLUMNS", "NONE", "POLARITIES", "SPLITS", "Noise", "Template", "generate", "load_templates", "write"]
