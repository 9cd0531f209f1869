"""Domains whose addresses are thrown away after minutes, and domains that people mean when they mistype. Pure."""

from typing import Final

THROWN_AWAY: Final = frozenset("""
    0-mail.com 10minutemail.com 10minutemail.net 1secmail.com 1secmail.net 1secmail.org 20minutemail.com 33mail.com anonbox.net
    anonymbox.com burnermail.io byom.de cock.li crazymailing.com deadaddress.com discard.email discardmail.com discardmail.de
    disposableemailaddresses.com disposablemail.com dispostable.com dodgit.com dropmail.me easytrashmail.com emailfake.com
    emailondeck.com emailsensei.com emailtemporanea.com emailtemporanea.net emailtemporario.com.br emltmp.com fake-mail.net
    fakeinbox.com fakemail.net fakemailgenerator.com filzmail.com generator.email getairmail.com getnada.com gishpuppy.com grr.la
    guerrillamail.biz guerrillamail.com guerrillamail.de guerrillamail.info guerrillamail.net guerrillamail.org
    guerrillamailblock.com harakirimail.com hidemail.de incognitomail.org inboxbear.com inboxkitten.com jetable.org jourrapide.com
    kasmail.com linshiyouxiang.net luxusmail.org mail-temp.com mail-temporaire.fr mail.tm mail7.io mailbox52.ga mailcatch.com
    maildrop.cc mailexpire.com mailforspam.com mailhazard.com mailimate.com mailinator.com mailinator.net mailinator2.com
    mailmetrash.com mailmoat.com mailnesia.com mailnull.com mailpoof.com mailsac.com mailslurp.com mailtemp.info mailto.plus
    meltmail.com mintemail.com moakt.com mohmal.com mt2015.com mvrht.net mytemp.email mytrashmail.com nada.email nospam.ze.tc
    notmailinator.com nowmymail.com one-time.email owlpic.com pokemail.net proxymail.eu rcpt.at reallymymail.com rhyta.com
    sharklasers.com shieldemail.com sogetthis.com spam4.me spamavert.com spambog.com spambox.us spamcowboy.com spamex.com
    spamfree24.org spamgourmet.com spamhole.com spaml.de spamspot.com superrito.com tafmail.com teleworm.us temp-mail.io
    temp-mail.org temp-mail.ru tempail.com tempemail.co tempemail.net tempinbox.com tempmail.dev tempmail.eu tempmail.net
    tempmailaddress.com tempmailo.com tempr.email temporary-mail.net temporaryemail.net temporaryinbox.com thankyou2010.com
    throwam.com throwawayemailaddress.com throwawaymail.com tmail.ws tmailinator.com tmpmail.net tmpmail.org trash-mail.at
    trash-mail.com trash-mail.de trashmail.at trashmail.com trashmail.de trashmail.io trashmail.me trashmail.net trashmail.org
    trashymail.com trbvm.com wegwerfadresse.de wegwerfemail.de wegwerfmail.de wegwerfmail.net wegwerfmail.org wemel.top
    yopmail.com yopmail.fr yopmail.net zetmail.com zoemail.org
    """.split())  # fmt: skip

COMMON: Final = (
    "gmail.com", "hotmail.com", "hotmail.es", "hotmail.it", "outlook.com", "outlook.es", "outlook.it", "yahoo.com", "yahoo.es", "yahoo.it",
    "icloud.com", "live.com", "libero.it", "virgilio.it", "tiscali.it", "telefonica.net", "protonmail.com", "proton.me", "gmx.com",
)  # fmt: skip


def meant(domain: str) -> str:
    """The common domain someone probably meant; '' when this is one, or none is near.

    >>> meant("gmial.com"), meant("gmail.con"), meant("gmail.com"), meant("vincle.example"), meant("hotnail.es")
    ('gmail.com', 'gmail.com', '', '', 'hotmail.es')
    """
    if domain in COMMON:
        return ""
    return next((common for common in COMMON if _is_slip(domain, common)), "")


def _is_slip(typed: str, common: str) -> bool:
    """One sign more, less, other, or two that changed places."""
    if abs(len(typed) - len(common)) > 1 or typed[:1] != common[:1]:
        return False
    at = next((place for place, (one, other) in enumerate(zip(typed, common, strict=False)) if one != other), min(len(typed), len(common)))
    one, other = typed[at:], common[at:]
    return one[1:] == other[1:] or one[1:] == other or one == other[1:] or (one[:2] == other[1::-1] and one[2:] == other[2:])
