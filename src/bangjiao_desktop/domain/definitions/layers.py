"""What the layers are: a text of the province or the bureau that holds over the one below it."""

import uuid
from dataclasses import dataclass

BUILT_IN, PROVINCE, BUREAU = "built-in", "province", "bureau"
LAYERS = {BUILT_IN: "内置", PROVINCE: "省级方案", BUREAU: "本局"}


@dataclass(frozen=True)
class LayerText:
    """A definition as it is kept in the ledger.

    Attributes:
        id, revision: of its row.
        layer: PROVINCE or BUREAU.
        kind, key: of what.
        text: TOML, or Markdown of the brochure.
        pack: name and version of the province pack, "" for what was written here.
    """

    id: uuid.UUID
    revision: int
    layer: str
    kind: str
    key: str
    text: str
    pack: str = ""
