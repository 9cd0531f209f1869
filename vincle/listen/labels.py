"""Names, as people read them, of what readers find in texts: sentiments, intents, emotions, aspects and topics."""

from typing import Any

from django.utils.translation import gettext_lazy as _

SENTIMENTS = {"negative": _("Negative"), "neutral": _("Neutral"), "positive": _("Positive")}
INTENTS = {
    "question": _("Question"), "complaint": _("Complaint"), "praise": _("Praise"), "purchase_intent": _("Wants to buy"),
    "churn_threat": _("Threatens to leave"), "suggestion": _("Suggestion"), "recommendation": _("Recommendation"),
    "contact_request": _("Wants to be contacted"), "spam": _("Spam"),
}  # fmt: skip
EMOTIONS = {
    "joy": _("Joy"), "love": _("Love"), "gratitude": _("Gratitude"), "surprise": _("Surprise"), "sadness": _("Sadness"),
    "anger": _("Anger"), "fear": _("Fear"), "disgust": _("Disgust"),
}  # fmt: skip
SUBJECTS = {
    "price": _("Price"), "quality": _("Quality"), "taste": _("Taste"), "coffee": _("Coffee"), "food": _("Food"), "drink": _("Drinks"),
    "staff": _("Staff"), "service": _("Service"), "waiting": _("Waiting time"), "delivery": _("Delivery"), "packaging": _("Packaging"),
    "returns": _("Returns"), "payment": _("Payment"), "website": _("Web site"), "app": _("App"), "opening_hours": _("Opening hours"),
    "location": _("Location"), "cleanliness": _("Cleanliness"), "atmosphere": _("Atmosphere"), "noise": _("Noise"), "size": _("Size"),
    "comfort": _("Comfort"), "design": _("Design"), "reliability": _("Reliability"), "safety": _("Safety"), "support": _("Support"),
    "refund": _("Refund"), "booking": _("Booking"), "cancellation": _("Cancellation"), "delay": _("Delay"), "baggage": _("Baggage"),
    "luggage": _("Luggage"), "flight": _("Flight"), "room": _("Room"), "breakfast": _("Breakfast"), "availability": _("Availability"),
    "range": _("Range"), "offers": _("Offers"), "loyalty": _("Loyalty"), "subscription": _("Subscription"), "privacy": _("Privacy"),
    "environment": _("Environment"), "warranty": _("Warranty"), "installation": _("Installation"), "health": _("Health"),
    "event": _("Event"), "communication": _("Communication"), "sport": _("Sport"), "politics": _("Politics"), "weather": _("Weather"),
    "music": _("Music"), "television": _("Television"), "film": _("Film"), "travel": _("Travel"), "work": _("Work"),
    "education": _("Education"), "family": _("Family"), "technology": _("Technology"), "fashion": _("Fashion"), "books": _("Books"),
    "games": _("Games"), "traffic": _("Traffic"), "housing": _("Housing"), "money": _("Money"), "pets": _("Pets"),
}  # fmt: skip
_TABLES: dict[str, dict[str, Any]] = {
    "sentiment": SENTIMENTS, "intents": INTENTS, "emotions": EMOTIONS, "aspects": SUBJECTS, "topics": SUBJECTS,
}  # fmt: skip


def label(kind: str, name: str) -> str:
    """A label in words; a workspace's own, a hashtag or a key word stands for itself."""
    if kind == "hashtags":
        return f"#{name.lstrip('#')}"
    found = _TABLES.get(kind, {}).get(name)
    return str(found) if found is not None else name.replace("_", " ")
