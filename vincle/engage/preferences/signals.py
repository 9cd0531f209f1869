"""What happens in the preference centre, for stages above. Sent inside the transaction; receivers raise nothing."""

from django.dispatch import Signal

confirmed = Signal()
"""workspace, optin, person (id or None): someone confirmed their address."""

said = Signal()
"""workspace, handle, person (id or None), consents (ConsentFact ...), send (its primary key or None), way: someone chose what they hear."""

forgotten = Signal()
"""workspace, handles (keys), people (ids): whoever holds words of theirs deletes them now."""
