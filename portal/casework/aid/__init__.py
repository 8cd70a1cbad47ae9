"""急难：aid first, papers later, and the township's petty fund it comes from."""

from portal.casework.aid.told import for_applicant as for_applicant
