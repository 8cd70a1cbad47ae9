"""转介：who else is asked to help, with which few answers, and what came of it."""

from portal.casework.referral.told import for_applicant as for_applicant
