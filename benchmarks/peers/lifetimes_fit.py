"""Arguments: an .npz of x, t_x, T, and a model. Out: what lifetimes takes to fit and to score them, as it is usually called, as JSON."""

import json
import sys
import time
import warnings

import numpy as np

warnings.simplefilter("ignore")
from lifetimes import BetaGeoFitter, ParetoNBDFitter  # noqa: E402

given = np.load(sys.argv[1])
x, t_x, T = given["x"], given["t_x"], given["T"]
began = time.perf_counter()
model = ParetoNBDFitter() if sys.argv[2] == "paretonbd" else BetaGeoFitter()
model.fit(x, t_x, T)
fitted = time.perf_counter()
expected = model.conditional_expected_number_of_purchases_up_to_time(39, x, t_x, T)
alive = model.conditional_probability_alive(x, t_x, T)
done = time.perf_counter()
parameters = {name: float(model.params_[name]) for name in model.params_.index}
print(json.dumps({"fit": fitted - began, "score": done - fitted, "parameters": parameters, "expected": float(np.sum(expected))}))
