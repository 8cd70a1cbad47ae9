"""入户调查与家庭经济状况核对：who visits, what was seen, what others know, what the person says.

For the first review: `findings`, `two_investigators`, `household_income`.
"""

from portal.casework.survey import items, topics
from portal.casework.survey.facts import Found as Found
from portal.casework.survey.facts import Income as Income
from portal.casework.survey.facts import findings as findings
from portal.casework.survey.facts import household_income as household_income
from portal.casework.survey.facts import two_investigators as two_investigators

topics.load()
items.load()
