"""How exports name the columns of posts, comments, mentions and reviews."""

from typing import Final

from ._identifiers import fold, part

_FIELDS: Final = """
author: author|user|username|user name|screen name|screenname|handle|name|author username|from|nick|account|usuario|autor|autore|utente
author: auteur|reviewer|commenter|user screen name|from user|sender|profile name|user handle|twitter handle|creator|posted by
author_id: author id|user id|userid|from id|from user id|account id|reviewer id|customer id|profile id
author_name: consumer name|reviewer display name|author name|profile name|reviewer name|display name|author display name|user full name
author_name: full name|nombre|nome
text: text|review content|review body|content text|body text|comentarios|reviews text|content|message|body|tweet|full text|tweet text
text: comment|comment text|review|review text|post|description|caption|texto|testo|texte|contenido|mensaje|messaggio|comentario|commento
text: commentaire|mention|snippet|status message|contenuto|contingut|missatge|comentari|resena|recensione|opinion
title: title|headline|subject|review title|titulo|titolo|titre|titol|summary
time: time|at|publish time|review created|review created utc|date of review|published time|post date|posted date|comment date|date
time: created at|created|timestamp|published|published at|created time|tweet created|status published|post created date|date time|datetime
time: fecha|data|date posted|posted at|posted on|review date|publication date|publish date|hora|created date|fecha y hora|data e ora
time: submitted at
place: place|location|user location|tweet location|city|ciudad|citta|ubicacion|lugar|luogo|place full name
country: country|country code|pais|paese|pays
id: id|post id|tweet id|status id|comment id|message id|review id|mention id|native id|id str|object id|guid
reply_to: in reply to|in reply to id|in reply to tweet id|in reply to status id|in response to tweet id|reply to|parent id|parent
reply_to: in response to|replied to id|parent comment id|reply to id|in reply to status id str
thread: thread|thread id|conversation id|conversation|root id
url: url|link|permalink|post url|tweet url|permalink url|enlace|post link|mention url
network: network|source|platform|channel|social network|red|red social|site|origin|source type|plataforma
rating: rating|review stars|review rating|star|stars|score|star rating|puntuacion|valutazione|note|valoracion|estrellas|stelle
rating: calificacion
rating_max: rating max|max rating|scale|out of
language: language|lang|idioma|lingua|langue|llengua
sentiment: sentiment|airline sentiment|sentimiento|sentimento|polarity|sentiment label|tone
sentiment_confidence: sentiment confidence|airline sentiment confidence|confidence|sentiment score
topic: topic|topics|negativereason|negative reason|theme|category|categories|tags|tema|temas|argomento|reason|labels
brand: brand|airline|target|company|brand name|marca|product|entity|page name
timezone: timezone|time zone|user timezone|zona horaria
hashtags: hashtags|hashtag|entities hashtags
kind: type|status type|post type|media type|content type|tipo|message type
inbound: inbound|is inbound|incoming
followers: followers|user followers|followers count|author followers|user followers count
latitude: latitude|lat
longitude: longitude|lon|lng|long
coordinates: tweet coord|coordinates|geo|coord
retweet: is retweet|retweeted|is repost|is share
original_author: original author|retweeted user|retweet of|rt user
"""
_COUNTS: Final = {
    "likes": "likes|num likes|like count|likes count|favorites|favorite count|favourites|favourite count|favorites count|me gusta|mi piace"
             "|upvotes",
    "comments": "comments|num comments|comment count|comments count|comentarios|commenti|commentaires",
    "shares": "shares|num shares|share count|shares count|retweets|retweet count|reposts|repost count|retweets count|compartidos"
              "|condivisioni",
    "replies": "replies|reply count|num replies|respuestas|risposte",
    "quotes": "quotes|quote count",
    "views": "views|view count|video views|plays|play count|visualizaciones|visualizzazioni|vistas",
    "impressions": "impressions|post impressions|impresiones|impressioni|lifetime post total impressions",
    "reach": "reach|alcance|copertura|post reach|lifetime post total reach",
    "reactions": "reactions|num reactions|reaction count|total reactions|reacciones|reazioni",
    "loves": "loves|num loves|love", "wows": "wows|num wows|wow", "hahas": "hahas|num hahas|haha", "sads": "sads|num sads|sad",
    "angrys": "angrys|num angrys|angry", "cares": "cares|num cares|care", "clicks": "clicks|link clicks|post clicks|clics",
    "saves": "saves|saved|bookmarks|bookmark count|guardados", "engagement": "engagement|engagements|interactions|interacciones",
    "helpful": "helpful|thumbs up count|helpful votes|useful|thumbs up",
}
COUNTS: Final = tuple(_COUNTS)
HEADINGS: Final[dict[str, str]] = {}
for _line in _FIELDS.strip().splitlines():
    _field, _, _names = _line.partition(": ")
    for _name in _names.split("|"):
        HEADINGS.setdefault(_name, _field)
COUNT_HEADINGS: Final = {name: field for field, names in _COUNTS.items() for name in names.split("|")}
FIELDS: Final = (*dict.fromkeys(HEADINGS.values()), *COUNTS)
NETWORKS: Final = {
    "twitter": "x", "x": "x", "tweet": "x", "twitter x": "x", "facebook": "facebook", "fb": "facebook", "instagram": "instagram",
    "ig": "instagram", "youtube": "youtube", "tiktok": "tiktok", "linkedin": "linkedin", "mastodon": "mastodon", "bluesky": "bluesky",
    "reddit": "reddit", "google": "google", "google reviews": "google", "google maps": "google", "trustpilot": "trustpilot",
    "tripadvisor": "tripadvisor", "yelp": "yelp", "amazon": "amazon", "threads": "threads", "telegram": "telegram",
    "pinterest": "pinterest", "blog": "web", "blogs": "web", "news": "web", "forum": "web", "web": "web",
}


def field_of(heading: str, is_number: bool) -> str | None:
    """The field a heading stands for; a heading such as `comments` counts only where its column holds numbers."""
    name = fold(heading)
    if name in COUNT_HEADINGS and (is_number or name not in HEADINGS):
        return COUNT_HEADINGS[name]
    parted = fold(part(heading))
    if parted in COUNT_HEADINGS and (is_number or parted not in HEADINGS):
        return COUNT_HEADINGS[parted]
    return HEADINGS.get(name) or HEADINGS.get(parted)


def network_of(headings: list[str]) -> str:
    """The network whose words the headings use, else "web"."""
    names = " ".join(fold(heading) for heading in headings)
    words = {"tweet": "x", "twitter": "x", "status published": "facebook", "num loves": "facebook"}
    words |= {name: name for name in ("instagram", "facebook", "youtube", "tiktok", "linkedin", "reddit")}
    return next((network for word, network in words.items() if word in names), "web")
