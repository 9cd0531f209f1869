"""Standard input: a JSON list of texts. Out: what vaderSentiment (Hutto & Gilbert 2014) makes of each, -1 to 1, as a JSON list."""

import json
import sys

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

judge = SentimentIntensityAnalyzer()
print(json.dumps([judge.polarity_scores(text)["compound"] for text in json.load(sys.stdin)]))
