"""Rates and money as the forms want them: Decimal, rounded half up; never a float."""

from decimal import ROUND_HALF_UP, Decimal

NO_VALUE = "—"


def rate(numerator: int, denominator: int) -> Decimal | None:
    """Return numerator/denominator rounded half up to 4 places, None where the denominator is 0."""
    if denominator == 0:
        return None
    return (Decimal(numerator) / Decimal(denominator)).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def percent(value: Decimal | None) -> str:
    """Return a rate as printed: 92.51%, or — where there is none (never 100 %)."""
    if value is None:
        return NO_VALUE
    return f"{(value * 100).quantize(Decimal('0.01'), ROUND_HALF_UP)}%"


def yuan(fen: int) -> Decimal:
    """Return an amount kept in fen as yuan with two places."""
    return (Decimal(fen) / 100).quantize(Decimal("0.01"))


def fen(amount: Decimal) -> int:
    """Return an amount in yuan as fen, rounded half up."""
    return int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP))
