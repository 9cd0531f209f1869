"""Argument: an .npz of x, t_x, T. Out: what PyMC-Marketing (BetaGeoModel, MAP) takes to fit and to score them, as JSON."""

import json
import sys
import time
import warnings

import numpy as np
import pandas as pd

warnings.simplefilter("ignore")
from pymc_marketing.clv import BetaGeoModel  # noqa: E402

given = np.load(sys.argv[1])
data = pd.DataFrame({"customer_id": np.arange(given["x"].size), "frequency": given["x"], "recency": given["t_x"], "T": given["T"]})
began = time.perf_counter()
model = BetaGeoModel(data=data)
model.fit(method="map", progressbar=False)
fitted = time.perf_counter()
expected = model.expected_purchases(future_t=39)
alive = model.expected_probability_alive()
done = time.perf_counter()
told = {"fit": fitted - began, "score": done - fitted, "expected": float(expected.sum()), "alive": float(alive.mean())}
sys.stdout.write("\n" + json.dumps(told) + "\n")
