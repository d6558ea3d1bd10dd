"""Envelopes and addresses as plain values."""

from dataclasses import dataclass

# name → (label, width, height in mm), GB/T 1416
ENVELOPES: dict[str, tuple[str, float, float]] = {
    "DL": ("5 号（DL，220×110 mm）", 220.0, 110.0),
    "ZL": ("6 号（ZL，230×120 mm）", 230.0, 120.0),
    "C5": ("7 号（C5，229×162 mm）", 229.0, 162.0),
    "C4": ("9 号（C4，324×229 mm）", 324.0, 229.0),
}


@dataclass(frozen=True)
class Address:
    """Where a letter goes to or comes from: unit, address, post code, the person it is for."""

    name: str
    address: str = ""
    post_code: str = ""
    person: str = ""


@dataclass(frozen=True)
class Envelope:
    """Receiver and sender."""

    receiver: Address
    sender: Address
