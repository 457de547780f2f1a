"""Rounding for print: half up in decimals, as the ministry's tables do. Ranks never use it."""

from decimal import ROUND_HALF_UP, Context, Decimal

MANY = 10  # points of a node whose tenths are shown; of a node with fewer, ten-thousandths
NOISE = 12  # digits: what floating-point sums add beyond them is no information
_ANY = Context(prec=400)  # digits: the largest double has 309 before the point


def round_half_up(value: float, digits: int) -> Decimal:
    """Round a number for print.

    The nearest double of 0.40965 lies below it, so that binary rounding would print 0.4096; the published table says
    0.4097 (Thừa Thiên Huế, DTI 2020: 0.4 x 0.5220 + 0.3 x 0.3040 + 0.3 x 0.3655).

    Args:
        value: The number.
        digits: Decimals to keep.

    >>> round_half_up(0.4 * 0.5220 + 0.3 * 0.3040 + 0.3 * 0.3655, 4)
    Decimal('0.4097')
    >>> round_half_up(-0.00005, 4)
    Decimal('-0.0001')
    >>> round_half_up(2.0**100, 1)
    Decimal('1267650600228229401496703205376.0')
    """
    exact = Decimal(f"{value:.{NOISE}f}")
    return exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP, context=_ANY)


def points_shown(points: float, max_points: float) -> Decimal:
    """Round points for print: to a decimal of a point, and as shares where the node has few points.

    >>> points_shown(487.41, 1000.0), points_shown(0.66667, 1.0)
    (Decimal('487.4'), Decimal('0.6667'))
    """
    return round_half_up(points, points_digits(max_points))


def points_digits(max_points: float, many: int = 1) -> int:
    """Decimals of points that are shown: those of shares where the node has few points.

    Args:
        max_points: Points of the node.
        many: Decimals where it has many.

    >>> points_digits(1000.0), points_digits(1000.0, 2), points_digits(1.0, 2)
    (1, 2, 4)
    """
    return many if max_points >= MANY else 4
