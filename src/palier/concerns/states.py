"""A concern is open or closed; how soon each urgency is due, and which one is higher."""

from palier.concerns.models import Concern

U = Concern.Urgency

# From the least to the most pressing.
RISING = (U.WEEK, U.TWO_DAYS, U.TODAY, U.NOW)
