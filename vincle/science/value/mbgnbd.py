"""Modified BG/NBD: as BG/NBD, but one may leave after the first purchase too, so that who never came back need not be a customer still.

Source: E. P. Batislam, M. Denizel and A. Filiztekin, Empirical validation and comparison of models for customer base analysis,
International Journal of Research in Marketing 24 (2007), 201-209.
"""

from .bgnbd import BgNbd
from .fitted import Covariates, Fitted, fit_law
from .histories import Histories


class MbgNbd(BgNbd):
    name = "mbgnbd"
    first = 1.0


LAW = MbgNbd()


def fit(histories: Histories, *, penalty: float = 0.0, covariates: Covariates | None = None) -> Fitted:
    """By maximum likelihood; `penalty`: see `fitted.fit_law`. ValueError where there is nothing to learn from."""
    return fit_law(LAW, histories, penalty=penalty, covariates=covariates)
