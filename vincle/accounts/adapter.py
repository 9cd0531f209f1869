"""How allauth behaves here: nobody signs up; people are invited."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Accounts come from the first set-up and from invitations only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
